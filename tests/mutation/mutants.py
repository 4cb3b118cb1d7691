"""Ways to break the engine and the middleware on purpose: each must make a test fail."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One change of the code: `old`, which stands in the file exactly once, becomes `new`.

    `guard` names the tests that should notice, as pytest's -k takes it; they are asked first, then
    all of `tests`. `marks` chooses among them, as pytest's -m takes it.
    """

    name: str
    file: str
    guard: str
    old: str
    new: str
    tests: tuple[str, ...] = ("tests/engine", "tests/conformance")
    marks: str = "not slow"


_DECISION = "engine/decision.py"
_ENTRIES = "engine/entries.py"
_ORIGINS = "engine/origins.py"
_HOSTS = "engine/hosts.py"
_PATHS = "engine/paths.py"
_POLICY = "engine/policy.py"
_HEADERS = "engine/headers.py"
_SNAPSHOT = "engine/snapshot.py"
_ANSWER = "answer.py"
_PACKING = "engine/packing.py"
_MIDDLEWARE = "middleware.py"
_TENANTS = "tenants.py"

MUTANTS = [
    # Which origins are allowed.
    Mutant(
        "reflect any origin",
        _ENTRIES,
        "V08",
        "    return entry, credentials, reason\n",
        "    return origin, True, Reason.ALLOWED\n",
    ),
    Mutant(
        "allow an origin that nothing covers",
        _ENTRIES,
        "V08",
        '_UNLISTED = ("", False, Reason.ORIGIN_NOT_LISTED)',
        '_UNLISTED = ("", False, Reason.ALLOWED)',
    ),
    Mutant(
        "look malformed origins up too",
        _ENTRIES,
        "V06",
        "    if parts is None:\n",
        "    if parts is None and policy.levels and origin in policy.levels[0].grants:\n"
        "        return origin, True, Reason.ALLOWED\n    if parts is None:\n",
    ),
    Mutant(
        "wildcards without a dot before the suffix",
        _ORIGINS,
        "V02",
        '        dot = host.find(".", dot + 1)\n\n\ndef wildcard_base',
        '        dot = host.find(".", dot + 1)\n    for cut in range(1, len(host)):\n'
        '        yield f"{scheme}://*.{host[cut:]}"\n\n\ndef wildcard_base',
    ),
    Mutant(
        "wildcards cover their apex",
        _ORIGINS,
        "V02",
        '    dot = host.find(".")\n',
        '    yield f"{scheme}://*.{host}"\n    dot = host.find(".")\n',
    ),
    Mutant(
        "wildcards cover any port",
        _ORIGINS,
        "port",
        'yield f"{scheme}://*{base}:{port}" if port else f"{scheme}://*{base}"',
        'yield f"{scheme}://*{base}"',
    ),
    Mutant(
        "any port covers no port no more",
        _ORIGINS,
        "V03",
        "if bases is None or host in bases:",
        "if port and (bases is None or host in bases):",
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
        _ENTRIES,
        "V09",
        "grant.valid_until is not None and request.now >= grant.valid_until",
        "grant.valid_until is not None and request.now > grant.valid_until + 86_400",
    ),
    Mutant(
        "entries before their time",
        _ENTRIES,
        "come",
        "if grant.valid_from is not None and request.now < grant.valid_from:",
        "if grant.valid_from is not None and request.now < 0:",
    ),
    Mutant(
        "entries outside their scope",
        _ENTRIES,
        "scope",
        "if grant.scope and not covers(grant.scope, request.path):",
        "if grant.scope and not request.path:",
    ),
    # Credentials.
    Mutant(
        "credentials where the entry grants none",
        _ENTRIES,
        "P21",
        "    return entry, False, Reason.ALLOWED if entry else nearest",
        "    return entry, rule.credentials, Reason.ALLOWED if entry else nearest",
    ),
    Mutant(
        "credentials for whoever is allowed",
        _DECISION,
        "P21",
        "return rule.actual_credentials if credentials else rule.actual,",
        "return rule.actual_credentials,",
    ),
    Mutant(
        "credentials for whoever asks first",
        _DECISION,
        "P21",
        "pairs = rule.preflight_credentials if credentials else rule.preflight\n",
        "pairs = rule.preflight_credentials\n",
    ),
    Mutant(
        "an entry without credentials wins over one with them",
        _ENTRIES,
        "P21",
        "            if grant.credentials or not rule.credentials:\n",
        "            if grant:\n",
    ),
    Mutant(
        "credentials with any origin",
        _POLICY,
        "P20",
        "    actual = _actual_headers(text.exposed_headers)\n",
        "    actual = _actual_headers(text.exposed_headers)\n"
        '    if text.any_origin:\n        actual += ((headers.ACAC, "true"),)\n',
    ),
    Mutant(
        "any origin with credentials may be stored",
        _POLICY,
        "V07",
        "    if text.any_origin:\n        yield Problem(",
        "    if not text:\n        yield Problem(",
    ),
    Mutant(
        "reflect the origin where any is allowed",
        _DECISION,
        "P20",
        '        origin = "*"\n',
        "        pass\n",
    ),
    Mutant(
        "a stored rule that is not sound is skipped",
        _POLICY,
        "V07",
        "return Rule(path=text.path, inherited=inherited, invalid=True)",
        "return Rule(path=text.path, inherited=inherited)",
    ),
    # Preflights.
    Mutant(
        "swallow plain OPTIONS",
        _DECISION,
        "P02",
        'preflight = request.requested_method is not None and request.method == "OPTIONS"',
        'preflight = request.method == "OPTIONS"',
    ),
    Mutant(
        "take any method for a preflight",
        _DECISION,
        "carries",
        'preflight = request.requested_method is not None and request.method == "OPTIONS"',
        "preflight = request.requested_method is not None",
    ),
    Mutant(
        "refused preflights reach the view",
        _DECISION,
        "V48",
        "refused = preflight or (rule.refuse_unlisted",
        "refused = (rule.refuse_unlisted",
    ),
    Mutant(
        "refuse every unlisted origin",
        _DECISION,
        "V58",
        "refused = preflight or (rule.refuse_unlisted and reason",
        "refused = preflight or (reason",
    ),
    Mutant(
        "methods in any case",
        _DECISION,
        "P08",
        'method = request.requested_method or ""',
        'method = (request.requested_method or "").upper()',
    ),
    Mutant(
        "forget that GET, HEAD and POST need no listing",
        _POLICY,
        "P09",
        "methods=frozenset(text.methods) | methods.SAFELISTED_METHODS,",
        "methods=frozenset(text.methods),",
    ),
    Mutant(
        "a star covers TRACE",
        _DECISION,
        "P10",
        "is_method(method) and not is_forbidden_method(method)",
        "is_method(method)",
    ),
    Mutant(
        "a star covers authorization",
        _DECISION,
        "P18",
        'if name not in allowed and (not star or name == "authorization"):',
        "if name not in allowed and not star:",
    ),
    Mutant(
        "requested headers are not looked at",
        _DECISION,
        "P17",
        "    if names is None:\n        return Reason.HEADER_NOT_ALLOWED",
        "    if True:\n        return Reason.ALLOWED",
    ),
    Mutant(
        "requested headers of any length",
        _HEADERS,
        "P16",
        "    if len(value) > MAX_REQUESTED_LENGTH:\n        return None\n",
        "",
    ),
    Mutant(
        "any number of empty elements",
        _HEADERS,
        "P15",
        " or len(elements) - len(names) > MAX_EMPTY_ELEMENTS:",
        ":",
    ),
    Mutant(
        "requested headers with case",
        _HEADERS,
        "P14",
        "value.lower().split(",
        "value.split(",
    ),
    Mutant(
        "preflights answered with 200",
        _DECISION,
        "P05",
        "return pairs, rule.preflight_vary, 204",
        "return pairs, rule.preflight_vary, 200",
    ),
    Mutant(
        "echo the headers of the actual response on preflights",
        _DECISION,
        "P01",
        "pairs = rule.preflight_credentials if credentials else rule.preflight\n",
        "pairs = rule.actual_credentials if credentials else rule.actual\n",
    ),
    Mutant(
        "max-age 0 is not sent",
        _POLICY,
        "P20",
        "if text.max_age is not None:",
        "if text.max_age:",
    ),
    # Vary.
    Mutant(
        "forget Vary on refusals",
        _DECISION,
        "V08",
        "vary = rule.preflight_vary if preflight else rule.vary",
        'vary = rule.preflight_vary if preflight else ""',
    ),
    Mutant(
        "forget Vary on refused preflights",
        _DECISION,
        "V48",
        "vary = rule.preflight_vary if preflight else rule.vary",
        "vary = rule.vary",
    ),
    Mutant(
        "forget Vary without an Origin",
        _DECISION,
        "P25",
        '"", "", (), vary)\n\n\ndef _allowed',
        '"", "", ())\n\n\ndef _allowed',
    ),
    Mutant(
        "a star varies on Origin",
        _POLICY,
        "P20",
        'vary="" if text.any_origin else headers.ORIGIN,',
        "vary=headers.ORIGIN,",
    ),
    Mutant(
        "no star without an Origin",
        _DECISION,
        "P20",
        '"", "*", rule.actual, vary)',
        '"", "", rule.actual, vary)',
    ),
    Mutant(
        "overwrite the view's Vary",
        _MIDDLEWARE,
        "V44",
        "return merge_vary(there, vary) if there and vary else vary",
        "return vary",
    ),
    Mutant(
        "Vary repeats names",
        _MIDDLEWARE,
        "P25",
        "if name.lower() not in known]",
        "if name not in known]",
    ),
    Mutant(
        "the tenant's header is not in Vary",
        _ANSWER,
        "V46",
        "return decision if vary is None else _add_vary(decision, vary())",
        "return decision",
    ),
    # What the view set.
    Mutant(
        "leave the view's own headers",
        _MIDDLEWARE,
        "V53",
        "        if name[:2] in _TELLING:",
        "        if name[:2] in _TELLING and decision.allow_origin:",
    ),
    Mutant(
        "leave the view's own headers in another case",
        _MIDDLEWARE,
        "V53",
        "if name.lower().startswith(_AUTHORED)]",
        'if name.startswith("Access-Control-")]',
    ),
    Mutant(
        "expose safelisted names too",
        _POLICY,
        "P22",
        "if name.lower() not in headers.SAFELISTED_RESPONSE_HEADERS]",
        "if name]",
    ),
    # Paths and tenants.
    Mutant(
        "dot segments below an open path",
        _PATHS,
        "V24",
        'return "/." not in path or not _has_dot_segment(path)',
        "return True",
    ),
    Mutant(
        "paths without case",
        _PATHS,
        "V23",
        "        found = self._exact.get(path)",
        "        path = path.lower()\n        found = self._exact.get(path)",
    ),
    Mutant(
        "the wider rule wins",
        _PATHS,
        "V20",
        "for pattern in self._prefixes}, reverse=True)",
        "for pattern in self._prefixes})",
    ),
    Mutant(
        "an exact path covers what is below it",
        _PATHS,
        "V2",
        "            prefixes = self._prefixes\n",
        "            prefixes = {**self._prefixes, **self._exact}\n",
    ),
    Mutant(
        "a star stands for nothing too",
        _PATHS,
        "stands",
        'if segment and "*" in node.below:',
        'if "*" in node.below:',
    ),
    Mutant(
        "the platform's rules win over the tenant's",
        _SNAPSHOT,
        "V25",
        "        rules.update((rule.path, rule) for rule in unpack_rules(head))\n",
        "        rules = {rule.path: rule for rule in unpack_rules(head)} | rules\n",
    ),
    Mutant(
        "every tenant inherits",
        _SNAPSHOT,
        "V25",
        'self.platform if head[0] == "1" else None)',
        "self.platform)",
    ),
    Mutant(
        "an unknown host gets the platform's policy",
        _SNAPSHOT,
        "V26",
        "            return None\n        if packed is",
        "            return self.platform\n        if packed is",
    ),
    Mutant(
        "forwarded hosts without a setting",
        _TENANTS,
        "V26",
        'host = request.META.get("HTTP_HOST", "")\n    policy =',
        'host = request.META.get("HTTP_X_FORWARDED_HOST", request.META.get("HTTP_HOST", ""))\n'
        "    policy =",
    ),
    Mutant(
        "hosts that Django refuses, asked for once",
        _TENANTS,
        "V60",
        "policy.kept else accepted_host.is_below(host)",
        "policy.kept else True",
        ("tests/test_tenants.py",),
    ),
    Mutant(
        "hosts that Django refuses",
        _TENANTS,
        "R40",
        '        except DisallowedHost:\n            return ""\n',
        "        except DisallowedHost:\n            return plain\n",
    ),
    Mutant(
        "same-origin calls are refused",
        _ENTRIES,
        "P33",
        "if reason is not Reason.ALLOWED and origin == request.site",
        'if reason is not Reason.ALLOWED and origin == "same"',
    ),
    Mutant(
        "the answer to one origin is remembered for another",
        _ANSWER,
        "order",
        "(policy.slug, rule.path, origin)",
        "(policy.slug, rule.path)",
    ),
    Mutant(
        "the answer of one tenant is remembered for another",
        _ANSWER,
        "order",
        "(policy.slug, rule.path, origin)",
        "(rule.path, origin)",
    ),
    Mutant(
        "the answer for one rule is remembered for another",
        _ANSWER,
        "order",
        "(policy.slug, rule.path, origin)",
        "(policy.slug, origin)",
    ),
    Mutant(
        "the answer to one preflight is remembered for another",
        _ANSWER,
        "order",
        "key += (method, names)",
        "key += (names,)",
    ),
    Mutant(
        "the answer to some headers is remembered for others",
        _ANSWER,
        "order",
        "key += (method, names)",
        "key += (method,)",
    ),
    Mutant(
        "the answer of one moment is remembered for another",
        _ANSWER,
        "order",
        "if policy.timeless and not asked.site:",
        "if not asked.site:",
    ),
    Mutant(
        "the answer on one host is remembered for another",
        _ANSWER,
        "judged_by_the_host",
        "(remembered.allow_origin or not _may_be_own(origin, meta))",
        "True",
        ("tests/test_answer.py",),
    ),
    Mutant(
        "an origin is found within a longer one",
        _PACKING,
        "V0",
        '    if line in f"{LINE}{credentials}{LINE}":\n',
        "    if origin in credentials:\n",
    ),
]
