"""Ways to break wildcards, application schemes and what is suggested: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

_WILDCARDS: Final = "engine/wildcards.py"
_ORIGINS: Final = "engine/origins.py"
_HOSTS: Final = "engine/hosts.py"
_SCHEMES: Final = "engine/schemes.py"
_READINGS: Final = "engine/regex_readings.py"
_SUGGESTIONS: Final = "engine/suggestions.py"
_TABLES: Final = ("tests/engine/test_wildcards.py", "tests/engine/test_candidates.py")
_TEXTS: Final = ("tests/engine/test_readings.py", "tests/engine/test_patterns.py")


def _looked_up(name: str, old: str, new: str, guard: str = "lets_in or pairs") -> Mutant:
    return Mutant(name, _WILDCARDS, guard, old, new, _TABLES)


MUTANTS: Final = [
    # Looking up.
    _looked_up(
        "wildcards without a dot before the suffix",
        '    place = host.find(".")\n    while place != -1:\n        yield host[place:]\n',
        '    place = host.find(".")\n    while place != -1:\n        yield host[place:]\n'
        "        yield host[place + 1 :]\n",
        "naive or candidates or same_order",
    ),
    _looked_up(
        "wildcards cover their apex",
        '    place = host.find(".")\n    while',
        '    host = f".{host}"\n    place = host.find(".")\n    while',
        "covered",
    ),
    _looked_up(
        "wildcards cover any port",
        '    yield f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"\n',
        '    yield f"{scheme}://{host}"\n',
    ),
    _looked_up(
        "any port covers no port no more",
        '        if host in bases:\n            yield f"{scheme}://{host}:*"',
        '        if host in bases and port:\n            yield f"{scheme}://{host}:*"',
        "same_order or exactly",
    ),
    _looked_up(
        "nothing stands for the star of a label", "if before < end and", "if before <= end and"
    ),
    _looked_up("the parts of a label overlap", "if before < end and", "if"),
    _looked_up(
        "a label wildcard takes any port",
        "                yield from _with_ports(scheme, base, port)\n        for",
        '                yield from (f"{scheme}://{base}", f"{scheme}://{base}:*")\n        for',
    ),
    _looked_up(
        "a label wildcard is looked up below the last dot",
        '        first, _, parent = host.partition(".")\n        for before',
        '        first, _, parent = host.rpartition(".")\n        for before',
    ),
    _looked_up(
        "any host of an application has any port",
        'if "" in bases and not port:',
        'if "" in bases:',
    ),
    _looked_up(
        "any host of an application is any host",
        "        if is_application(scheme):\n            if",
        "        if True:\n            if",
    ),
    _looked_up(
        "any number of lengths is looked up",
        "    return frozenset(in_order[:MAX_LABEL_LENGTHS])",
        "    return frozenset(in_order)",
        "pairs",
    ),
    _looked_up(
        "each process looks up other lengths",
        "in_order = sorted(set(found), key=lambda lengths: (sum(lengths), lengths))",
        "in_order = list(dict.fromkeys(found))",
        "pairs",
    ),
    Mutant(
        "one pair of lengths too many is taken",
        _WILDCARDS,
        "too_many",
        "len(self._held) >= MAX_LABEL_LENGTHS",
        "len(self._held) > MAX_LABEL_LENGTHS",
        ("tests/models/test_label_wildcards.py",),
    ),
    # The grammar.
    Mutant(
        "only marks beside a star",
        _HOSTS,
        "grammar",
        'return text.strip("-_") != "" and not',
        "return not",
        _TABLES,
    ),
    Mutant(
        "open punycode beside a star",
        _HOSTS,
        "grammar",
        'return text.strip("-_") != "" and not text.startswith(_PUNYCODE)',
        'return text.strip("-_") != ""',
        _TABLES,
    ),
    Mutant(
        "two stars in a label",
        _HOSTS,
        "grammar",
        'is_name = len(others) == 1 and is_host(f"{before}a{others[0]}.{parent}")',
        "is_name = is_host(f\"{before}a{'a'.join(others)}.{parent}\")",
        _TABLES,
    ),
    Mutant(
        "an address behind a label",
        _HOSTS,
        "grammar",
        '.{parent}") and not is_ip(parent)',
        '.{parent}") or is_ip(parent)',
        _TABLES,
    ),
    Mutant(
        "no room for what stands for a star",
        _HOSTS,
        "grammar",
        'is_host(f"{before}a{others[0]}.{parent}")',
        'is_host(f"{before}{others[0]}.{parent}")',
        _TABLES,
    ),
    Mutant(
        "label wildcards of other schemes",
        _ORIGINS,
        "grammar",
        "    if label and not (scheme in _USUAL_SCHEMES and is_label_wildcard(label, host)):",
        "    if label and not is_label_wildcard(label, host):",
        _TABLES,
    ),
    Mutant(
        "an application with any port",
        _ORIGINS,
        "grammar",
        '        return whole if rest == "*" else None',
        '        return whole if rest.startswith("*") else None',
        _TABLES,
    ),
    Mutant(
        "about and its kin are applications",
        _SCHEMES,
        "lets_in or grammar",
        "scheme not in SPECIAL_SCHEMES and scheme not in OPAQUE_SCHEMES and is_scheme(scheme)",
        "scheme not in SPECIAL_SCHEMES and is_scheme(scheme)",
        _TABLES,
    ),
    Mutant(
        "a star in an opaque host",
        _SCHEMES,
        "lets_in",
        '0123456789-._~"',
        '0123456789-._~*"',
        _TABLES,
    ),
    Mutant(
        "an opaque host of any length",
        _SCHEMES,
        "lets_in",
        "return 0 < len(text) <= MAX_OPAQUE_HOST_LENGTH and not",
        "return 0 < len(text) and not",
        _TABLES,
    ),
    Mutant(
        "an opaque host in any case",
        _ORIGINS,
        "taken_apart",
        '    host, colon, port = authority.partition(":")\n',
        '    host, colon, port = authority.lower().partition(":")\n',
        ("tests/engine/test_origins.py",),
    ),
    Mutant(
        "an invalid port of an application",
        _ORIGINS,
        "lets_in",
        "if not is_application(scheme) or (colon and not is_port(port)):",
        "if not is_application(scheme):",
        _TABLES,
    ),
    # Patterns within patterns.
    Mutant(
        "a narrower label contains a wider one",
        _ORIGINS,
        "within",
        "        return other.label.startswith(before) and other.label.endswith(after)\n",
        "        return True\n",
        _TABLES,
    ),
    Mutant(
        "labels that share nothing overlap",
        _ORIGINS,
        "within",
        "and before.startswith(shorter) and after.endswith(short)",
        "and before.startswith(shorter)",
        _TABLES,
    ),
    # Risks.
    Mutant(
        "a label that strangers fit is harmless",
        _ORIGINS,
        "risky",
        "    if pattern.label and is_public_suffix(pattern.host):",
        "    if pattern.label and pattern.subdomains:",
        _TEXTS,
    ),
    Mutant(
        "every application is harmless",
        _ORIGINS,
        "risky",
        '        return ("risk-any-application",)',
        "        return ()",
        _TEXTS,
    ),
    # Suggestions.
    Mutant(
        "what lets in more is suggested",
        _ORIGINS,
        "lets_in_more",
        'suggestion, nearest = ("", usable) if is_wider else (usable, "")',
        'suggestion, nearest = usable, ""',
        _TEXTS,
    ),
    Mutant(
        "what is left of a regex is taken for plain",
        _READINGS,
        "no_entry_can_say or suggestion",
        "    if _LEFT_OVER.intersection(scheme + rest) or not {_STAR, _DOTLESS}.isdisjoint(text):",
        "    if not {_STAR, _DOTLESS}.isdisjoint(text):",
        _TEXTS,
    ),
    Mutant(
        "a text that has what stands for a star",
        _READINGS,
        "no_entry_can_say",
        "    if _LEFT_OVER.intersection(scheme + rest) or not {_STAR, _DOTLESS}.isdisjoint(text):",
        "    if _LEFT_OVER.intersection(scheme + rest):",
        _TEXTS,
    ),
    Mutant(
        "hosts of applications with dots for hosts without",
        _READINGS,
        "lets_in_more",
        "is_wider = is_wider or rest == _DOTLESS",
        "pass",
        _TEXTS,
    ),
    Mutant(
        "names below a domain for names that end like it",
        _READINGS,
        "lets_in_more",
        "is_wider = is_wider or begins_dotless",
        "pass",
        _TEXTS,
    ),
    Mutant(
        "one label for several",
        _READINGS,
        "lets_in_more",
        "is_wider = is_wider or not has_labels",
        "is_wider = is_wider or 0",
        _TEXTS,
    ),
    Mutant(
        "some ports for all",
        _READINGS,
        "lets_in_more",
        "is_wider=bool(is_wider or is_some_port)",
        "is_wider=bool(is_wider)",
        _TEXTS,
    ),
    Mutant(
        "any host in place of some",
        _SUGGESTIONS,
        "says_why",
        'narrower = f"{scheme}://{host}" if port in (None, "*") else ""',
        'narrower = f"{scheme}://{host}"',
        _TEXTS,
    ),
]
