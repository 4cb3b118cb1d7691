"""Ways to break who is allowed, and with what credentials: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

_DECISION = "engine/decision.py"
_MATCHING = "engine/matching.py"
_ORIGINS = "engine/origins.py"
_HOSTS = "engine/hosts.py"
_RULES = "engine/rules.py"

MUTANTS: Final = [
    # Which origins are allowed.
    Mutant(
        "reflect any origin",
        _MATCHING,
        "V08",
        "    return entry, credentials, reason\n",
        "    return origin, True, Reason.ALLOWED\n",
    ),
    Mutant(
        "allow an origin that nothing covers",
        _MATCHING,
        "V08",
        '_UNLISTED = ("", False, Reason.ORIGIN_NOT_LISTED)',
        '_UNLISTED = ("", False, Reason.ALLOWED)',
    ),
    Mutant(
        "look malformed origins up too",
        _MATCHING,
        "V06",
        "    if parts is None:\n",
        "    if parts is None and origin in policy.allowances:\n"
        "        return origin, True, Reason.ALLOWED\n    if parts is None:\n",
    ),
    Mutant(
        "origins of any length",
        _ORIGINS,
        "scheme",
        "    if len(text) > MAX_ORIGIN_LENGTH:\n        return None\n    scheme, _, authority",
        "    scheme, _, authority",
    ),
    Mutant(
        "origins in upper case",
        _ORIGINS,
        "upper",
        '    scheme, _, authority = text.partition("://")',
        '    scheme, _, authority = text.lower().partition("://")',
    ),
    Mutant(
        "origins with a default port",
        _ORIGINS,
        "default",
        "if not is_port(port) or DEFAULT_PORTS.get(scheme) == port:",
        "if not is_port(port):",
    ),
    Mutant(
        "any character in a host",
        _HOSTS,
        "V13",
        'return text[0] == "[" and _is_ipv6(text)',
        'return text[0] != "[" or _is_ipv6(text)',
    ),
    Mutant(
        "empty labels in a host",
        _HOSTS,
        "corpus",
        'if ".." in f".{text}.":',
        'if ".." in text:',
    ),
    Mutant(
        "addresses in any form",
        _HOSTS,
        "corpus",
        "not in _DIGITS or not _ends_in_number(text) or _is_ipv4(text)",
        "not in _DIGITS or True",
    ),
    Mutant(
        "expired entries",
        _MATCHING,
        "V09",
        "allowance.valid_until is not None and now >= allowance.valid_until",
        "allowance.valid_until is not None and now > allowance.valid_until + 86_400",
    ),
    Mutant(
        "entries before their time",
        _MATCHING,
        "come",
        "if allowance.valid_from is not None and now < allowance.valid_from:",
        "if allowance.valid_from is not None and now < 0:",
    ),
    Mutant(
        "entries outside their scope",
        _MATCHING,
        "scope",
        "if allowance.scope and not covers(allowance.scope, path):",
        "if allowance.scope and not path:",
    ),
    # Credentials.
    Mutant(
        "credentials where the entry grants none",
        _MATCHING,
        "P21",
        "    return entry, False, Reason.ALLOWED if entry else nearest",
        "    return entry, rule.credentials, Reason.ALLOWED if entry else nearest",
    ),
    Mutant(
        "credentials for every allowed origin",
        _DECISION,
        "P21",
        "return rule.actual_credentials if credentials else rule.actual,",
        "return rule.actual_credentials,",
    ),
    Mutant(
        "credentials for every preflight",
        _DECISION,
        "P21",
        "pairs = rule.preflight_credentials if credentials else rule.preflight",
        "pairs = rule.preflight_credentials",
    ),
    Mutant(
        "an entry without credentials wins over one with them",
        _MATCHING,
        "P21",
        "            if allowance.credentials or not rule.credentials:\n",
        "            if allowance:\n",
    ),
    Mutant(
        "credentials with any origin",
        _RULES,
        "P20",
        "    actual = _actual_headers(text.exposed_headers)\n",
        "    actual = _actual_headers(text.exposed_headers)\n"
        '    if text.any_origin:\n        actual += ((headers.ACAC, "true"),)\n',
    ),
    Mutant(
        "any origin with credentials may be stored",
        _RULES,
        "V07",
        "    if text.any_origin:\n        yield Problem(",
        "    if not text:\n        yield Problem(",
    ),
    Mutant(
        "reflect the origin where any is allowed",
        _DECISION,
        "P20",
        'origin = "*" if rule.any_origin else request.origin',
        "origin = request.origin",
    ),
    Mutant(
        "a stored rule that is not sound is skipped",
        _RULES,
        "V07",
        "return Rule(path=text.path, inherited=inherited, invalid=True)",
        "return Rule(path=text.path, inherited=inherited)",
    ),
]
