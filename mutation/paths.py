"""Ways to break path patterns that end in `{$}` and patterns within patterns: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

_PATHS = "engine/paths.py"
_PATH_TABLE = "engine/path_table.py"
_TESTS = ("tests/engine/test_paths.py", "tests/engine/test_lies_within.py")

MUTANTS: Final = [
    Mutant(
        "braces anywhere in a path",
        _PATHS,
        "braces",
        '    return not {"{", "}"}.isdisjoint(written(text))',
        "    return False",
        _TESTS,
    ),
    Mutant(
        "closing braces anywhere in a path",
        _PATHS,
        "closing",
        'return not {"{", "}"}.isdisjoint(',
        'return not {"{"}.isdisjoint(',
        _TESTS,
    ),
    Mutant(
        "a path alone without its slash",
        _PATHS,
        "exact",
        'return pattern.removesuffix(ALONE) if pattern.endswith("/" + ALONE) else pattern',
        'return pattern.removesuffix("/" + ALONE)',
        _TESTS,
    ),
    Mutant(
        "a path alone with all below it",
        _PATHS,
        "exact",
        '        return [*segments, ""], True\n',
        "        return segments, False\n",
        _TESTS,
    ),
    Mutant(
        "the prefix before the path alone",
        _PATHS,
        "sort",
        "_ENDS_EXACT, _ENDS_ALONE, _ENDS_PREFIX = 2, 3, 4",
        "_ENDS_EXACT, _ENDS_ALONE, _ENDS_PREFIX = 2, 4, 3",
        _TESTS,
    ),
    Mutant(
        "the path alone before the exact one",
        _PATHS,
        "sort",
        "_ENDS_EXACT, _ENDS_ALONE, _ENDS_PREFIX = 2, 3, 4",
        "_ENDS_EXACT, _ENDS_ALONE, _ENDS_PREFIX = 3, 2, 4",
        _TESTS,
    ),
    Mutant(
        "the tree forgets the path alone",
        _PATH_TABLE,
        "first",
        '            if depth == count - 1 and segments[depth] == "" and node.alone is not None:\n',
        "            if False:\n",
        _TESTS,
    ),
    Mutant(
        "the tree takes what is below for the path alone",
        _PATH_TABLE,
        "first",
        'if depth == count - 1 and segments[depth] == "" and node.alone',
        "if depth == count - 1 and node.alone",
        _TESTS,
    ),
    Mutant(
        "the tree takes a longer path for the path alone",
        _PATH_TABLE,
        "first",
        'if depth == count - 1 and segments[depth] == "" and node.alone',
        'if depth < count and segments[depth] == "" and node.alone',
        _TESTS,
    ),
    Mutant(
        "a prefix lies within a path alone",
        _PATHS,
        "truth",
        "fits = given_ends and len(given) == len(wanted)",
        "fits = len(given) == len(wanted)",
        _TESTS,
    ),
    Mutant(
        "a longer exact path lies within a shorter one",
        _PATHS,
        "truth",
        "fits = given_ends and len(given) == len(wanted)",
        "fits = given_ends",
        _TESTS,
    ),
    Mutant(
        "a name lies within itself and a slash",
        _PATHS,
        "truth",
        "fits = len(given) >= len(wanted) + given_ends",
        "fits = len(given) >= len(wanted)",
        _TESTS,
    ),
    Mutant(
        "a wider prefix lies within a narrower one",
        _PATHS,
        "truth",
        "fits = len(given) >= len(wanted) + given_ends",
        "fits = True",
        _TESTS,
    ),
    Mutant(
        "a star lies within a name",
        _PATHS,
        "truth",
        'want == got or (want == "*" and got != "") for want',
        'want == got or "*" in (want, got) for want',
        _TESTS,
    ),
    Mutant(
        "a star and an empty segment have a path in common",
        _PATHS,
        "overlap",
        '("*" in (a, b) and "" not in (a, b)) for',
        '"*" in (a, b) for',
        ("tests/engine/test_overlap.py", "tests/engine/test_paths.py"),
    ),
    Mutant(
        "the path of a prefix stands for all below it",
        "proposed_change/probes.py",
        "widened",
        '+ f"{gap}{name}" * pattern.endswith("/")',
        "",
        ("tests/proposed_change/test_widening_search.py",),
    ),
]
