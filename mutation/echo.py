"""Ways to break what an answer names because it was asked for, and what a request may be spelled as."""

from typing import Final

from mutation.mutant import Mutant

_ECHO = "engine/echo.py"
_DECISION = "engine/decision.py"
_RULES = "engine/rules.py"
_REQUEST = "engine/request.py"
_HEADERS = "engine/headers.py"
_METHODS = "engine/methods.py"
_NAMED = ("tests/engine/test_echo.py",)
_OWN = ("tests/engine/test_own_site.py",)
_CHECKED = ("tests/engine/test_rules.py",)

MUTANTS: Final = [
    # With credentials a star stands for what a listed origin asks for.
    Mutant(
        "a star with credentials names nothing",
        _DECISION,
        "answer_names",
        "    if rule.echo is not None:\n        names",
        "    if rule.echo is None:\n        names",
        _NAMED,
    ),
    Mutant(
        "a star with credentials does not cover authorization",
        _DECISION,
        "authorization",
        ' or (name == "authorization" and rule.echo is None)):',
        ' or name == "authorization"):',
        _NAMED,
    ),
    Mutant(
        "a star without credentials names what is asked",
        _RULES,
        "P19",
        "echo_of(text.methods, requested) if text.credentials else None",
        "echo_of(text.methods, requested)",
        _NAMED,
    ),
    Mutant(
        "exposed headers are echoed",
        _RULES,
        "P19",
        '    if "*" in text.exposed_headers:\n',
        '    if text.exposed_headers == "*":\n',
        _CHECKED,
    ),
    Mutant(
        "a star of the headers names the method",
        _ECHO,
        "answer_names",
        "        echoes_method=_STAR in methods,\n",
        "        echoes_method=True,\n",
        _NAMED,
    ),
    Mutant(
        "a star of the methods names the headers",
        _ECHO,
        "answer_names",
        "        echoes_names=_STAR in names,\n",
        "        echoes_names=_STAR in methods,\n",
        _NAMED,
    ),
    Mutant(
        "the star itself is named",
        _ECHO,
        "answer_names",
        "tuple(method for method in methods if method != _STAR)",
        "methods",
        _NAMED,
    ),
    Mutant(
        "the star of the headers is named",
        _ECHO,
        "answer_names",
        "tuple(name for name in names if name != _STAR)",
        "names",
        _NAMED,
    ),
    Mutant(
        "the listed methods are forgotten",
        _ECHO,
        "answer_names",
        "            methods = (*methods, method)\n",
        "            methods = (method,)\n",
        _NAMED,
    ),
    Mutant(
        "the listed headers are forgotten",
        _ECHO,
        "answer_names",
        "tuple(dict.fromkeys((*allowed, *names)))",
        "tuple(dict.fromkeys(names))",
        _NAMED,
    ),
    Mutant(
        "a header is named as often as it is listed and asked for",
        _ECHO,
        "answer_names",
        "tuple(dict.fromkeys((*allowed, *names)))",
        "(*allowed, *names)",
        _NAMED,
    ),
    Mutant(
        "a method is named twice",
        _ECHO,
        "answer_names",
        "if self.echoes_method and method not in methods:",
        "if self.echoes_method:",
        _NAMED,
    ),
    Mutant(
        "the asked method is named in upper case",
        _ECHO,
        "answer_names",
        "            methods = (*methods, method)\n",
        "            methods = (*methods, method.upper())\n",
        _NAMED,
    ),
    Mutant(
        "an empty list is sent",
        _ECHO,
        "answer_names",
        " for header, values in listed if values)",
        " for header, values in listed)",
        _NAMED,
    ),
    # Which pages are the site's own.
    Mutant(
        "an http page is the site's own where https is seen",
        _REQUEST,
        "own",
        '        return self.origin == f"{scheme}://{own}"\n',
        '        return self.origin.partition("://")[2] == own\n',
        _OWN,
    ),
    Mutant(
        "an https page is not the site's own where TLS ends before",
        _REQUEST,
        "own",
        '        if scheme == "http" and self.origin',
        '        if scheme == "none" and self.origin',
        _OWN,
    ),
    Mutant(
        "a default port makes another site",
        _REQUEST,
        "own",
        'own = host.removesuffix(_DEFAULT_PORTS.get(scheme, ""))',
        "own = host",
        _OWN,
    ),
    Mutant(
        "the port of https in Host makes another site",
        _REQUEST,
        "own",
        'in (own, host.removesuffix(":443"))',
        "in (own,)",
        _OWN,
    ),
    Mutant(
        "any port of the host is the site's own",
        _REQUEST,
        "own",
        'self.origin[len("https://") :] in (own, host.removesuffix(":443"))',
        'self.origin[8:].partition(":")[0] == own.partition(":")[0]',
        _OWN,
    ),
    Mutant(
        "the origin of a preflight may be the site's own",
        "engine/matching.py",
        "own",
        "request.is_from_own_site and not request.is_preflight",
        "request.is_from_own_site",
        ("tests/engine/test_preflights.py",),
    ),
    Mutant(
        "a refusal of the site's own page is remembered",
        "serving/request.py",
        "own_page",
        '        or host.endswith((":443", ":80"))  # a default port, which an origin omits\n',
        "",
        ("tests/serving/test_decision_cache.py",),
    ),
    # How names and methods are spelled.
    Mutant(
        "names of headers outside ASCII are lowered",
        _HEADERS,
        "spellings",
        "name.lower() if name.isascii() else name, name)",
        "name.lower(), name)",
        ("tests/engine/test_headers.py",),
    ),
    Mutant(
        "a header listed in two spellings is two",
        _HEADERS,
        "spellings",
        "found.setdefault(name.lower() if name.isascii() else name, name)",
        "found[name] = name",
        ("tests/engine/test_headers.py",),
    ),
    Mutant(
        "a rule sends names of headers in upper case",
        _RULES,
        "ready_to_send",
        "    requested = tuple(headers.spellings(text.request_headers))\n",
        "    requested = tuple(text.request_headers)\n",
        _CHECKED,
    ),
    Mutant(
        "every method in lower case is corrected",
        _METHODS,
        "method",
        "    return upper if upper in _REGISTERED_METHODS else method\n",
        "    return upper\n",
        ("tests/engine/test_methods.py",),
    ),
]
