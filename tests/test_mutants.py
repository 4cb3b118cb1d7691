"""The mutants fit the code, the table tells of all of them, and a sample is killed."""

import re

import pytest

from mutation.__main__ import TABLE, row
from mutation.checking import MUTANTS, ROOT, check, places
from mutation.mutant import Mutant

# Of the engine, the middleware and the store: to check all of them is what `make mutation` does.
SAMPLE = (
    "reflect any origin",
    "swallow plain OPTIONS",
    "a deleted tenant is forgotten",
)


def test_each_mutant_changes_one_place_of_the_code() -> None:
    assert [mutant.name for mutant in MUTANTS if places(mutant) != 1] == []


def is_python(mutant: Mutant) -> bool:
    """Report whether the changed file compiles."""
    text = (ROOT / "corsadmin" / mutant.file).read_text("utf-8").replace(mutant.old, mutant.new)
    try:
        compile(text, mutant.file, "exec")
    except SyntaxError:
        return False
    return True


@pytest.mark.slow
def test_each_mutant_is_python() -> None:
    half = Mutant("half a line", "engine/methods.py", "method", "    return ", "    return (")

    assert [mutant.name for mutant in (*MUTANTS, half) if not is_python(mutant)] == [half.name]


def test_the_table_has_a_line_for_each_mutant() -> None:
    lines = re.findall(r"^\| (.+?) \| `.+?` \| (.+?) \|$", TABLE.read_text("utf-8"), re.MULTILINE)

    assert [name for name, _ in lines] == [mutant.name for mutant in MUTANTS]
    assert "**none**" not in {killer for _, killer in lines}


@pytest.mark.slow
def test_a_sample_of_the_mutants_is_killed() -> None:
    sample = [mutant for mutant in MUTANTS if mutant.name in SAMPLE]

    verdicts = list(check(sample))

    assert len(verdicts) == len(SAMPLE)
    assert [verdict.mutant.name for verdict in verdicts if not verdict.is_killed] == []


@pytest.mark.slow
def test_a_mutant_without_an_end_is_killed_at_its_deadline() -> None:
    old = "    return text.upper() in _FORBIDDEN_METHODS\n"
    endless = Mutant(
        "methods that nobody ever forbids",
        "engine/methods.py",
        "method",
        old,
        "    while True: pass\n",
    )

    (verdict,) = check([endless], seconds=1)

    assert verdict == (endless, "", True)
    assert row(verdict).endswith(" | time-out |\n")
