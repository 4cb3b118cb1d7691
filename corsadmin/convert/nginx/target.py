"""Write a tenant's policy as nginx configuration, and say what it cannot express.

Maps decide the value of each header in one place. nginx omits a header whose value is empty.
"""

from collections.abc import Iterator
from typing import Final

from corsadmin.convert.conversion import Remark
from corsadmin.convert.enabled_rows import enabled_rules, plain_origins, takes_plain_origins
from corsadmin.convert.origin_regexes import origin_regex
from corsadmin.engine import headers
from corsadmin.engine.paths import written
from corsadmin.models.policy_rows import RuleRow
from corsadmin.models.tenant_rows import TenantRows

SERVER_PART: Final = "# ---- What follows goes into the tenant's server block. ----"
METHOD_VARIABLE: Final = "$http_access_control_request_method"
NAMES_VARIABLE: Final = "$http_access_control_request_headers"
_LITERAL: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-~:@!")
_TOKEN: Final = _LITERAL | frozenset("#%&'*+.^`")
_HEADERS: Final = {
    "allow_origin": headers.ACAO,
    "allow_credentials": headers.ACAC,
    "expose_headers": headers.ACEH,
    "allow_methods": headers.ACAM,
    "allow_headers": headers.ACAH,
    "max_age": headers.ACMA,
    "vary": headers.VARY,
}


def render_policy(held: TenantRows) -> tuple[str, list[Remark]]:
    """Return the configuration, and remarks on what it cannot express."""
    remarks: list[Remark] = []
    rules = list(_rules(held, remarks))
    origins = list(_origins(held, remarks))
    prefix = f"$cors_{held.tenant.slug.replace('-', '_')}_"
    lines = ["# Written by cors_export. What follows goes into the http block."]
    for name, source, cases in _maps(rules, origins):
        lines.append(f'map "{source.replace("$cors_", prefix)}" {prefix}{name} {{')
        lines += [f"    {case} {value.replace('$cors_', prefix)};" for case, value in cases]
        lines.append("}")
    lines += ["", SERVER_PART, "# A location with an add_header of its own inherits none of these."]
    for status in (403, 204):
        lines.append(f"if ({prefix}answer = {status}) {{ return {status}; }}")
    for name, header in _HEADERS.items():
        if header != "Vary":
            lines.append(f"proxy_hide_header {header};")
        lines.append(f"add_header {header} {prefix}{name} always;")
    return "\n".join(lines) + "\n", remarks


def _rules(held: TenantRows, remarks: list[Remark]) -> Iterator[RuleRow]:
    """Yield the enabled rules, the most specific first."""
    for rule in enabled_rules(held, remarks):
        if not _is_said(rule):
            why = "a name contains a character that is special in nginx, so it is closed there."
            remarks.append(Remark(f"path {rule.path}", why))
        elif rule.refuse_unlisted:
            remarks.append(Remark(f"path {rule.path}: refuse_unlisted", "it is left to the site."))
        yield rule


def _is_said(rule: RuleRow) -> bool:
    """Report whether nginx can express the names that a rule lists."""
    names = [*rule.methods, *rule.request_headers, *rule.exposed_headers]
    return _TOKEN.issuperset("".join(names))


def _origins(held: TenantRows, remarks: list[Remark]) -> Iterator[tuple[str, bool]]:
    for origin in plain_origins(held, remarks):
        yield origin_regex(origin.pattern, _quoted), origin.credentials


def _maps(
    rules: list[RuleRow], origins: list[tuple[str, bool]]
) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield (name, source, cases) of each map."""
    numbered = [(number, rule) for number, rule in enumerate(rules, 1) if _is_said(rule)]
    empty = ("default", '""')
    # A rule without a number is closed. Without its case, a wider rule after it would apply instead.
    numbers = [str(number) if _is_said(rule) else '""' for number, rule in enumerate(rules, 1)]
    paths = [f'"~{_path_regex(rule.path)}"' for rule in rules]
    yield "rule", "$uri", [empty, *zip(paths, numbers, strict=True)]
    source = "$cors_rule|$http_origin"
    allowed, granted = [empty], [empty]
    for number, rule in numbered:
        if rule.any_origin:
            allowed.append((f'"~^{number}\\|."', '"*"'))
            continue
        for regex, credentials in origins if takes_plain_origins(rule) else ():
            case = f'"~^{number}\\|{regex}$"'
            allowed.append((case, "$http_origin"))
            if credentials and rule.credentials:
                granted.append((case, "true"))
    yield "listed", source, allowed
    yield "granted", source, granted
    asked = f"$request_method|$http_origin|{METHOD_VARIABLE}"
    yield "preflight", asked, [empty, ('"~^OPTIONS\\|[^|]+\\|."', "1")]
    source = f"$cors_rule|{METHOD_VARIABLE}"
    yield "method", source, [empty, *((_method_case(n, r), "1") for n, r in numbered)]
    source = f"$cors_rule|{NAMES_VARIABLE}"
    yield "header", source, [empty, *((_header_case(n, r), "1") for n, r in numbered)]
    source = "$cors_rule|$cors_preflight|$cors_listed|$cors_method|$cors_header"
    cases = [empty, ('"~^[0-9]+\\|1\\|[^|]+\\|1\\|1$"', "204"), ('"~^[0-9]+\\|1\\|"', "403")]
    yield "answer", source, cases
    yield "allow_origin", "$cors_answer", [("default", "$cors_listed"), ("403", '""')]
    yield "allow_credentials", "$cors_answer", [("default", "$cors_granted"), ("403", '""')]
    yield from _lists(numbered)


def _lists(numbered: list[tuple[int, RuleRow]]) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    empty = ("default", '""')
    exposed = [
        (f'"~^\\|{number}\\|."', f'"{", ".join(rule.exposed_headers)}"')
        for number, rule in numbered
    ]
    yield "expose_headers", "$cors_answer|$cors_rule|$cors_listed", [empty, *exposed]
    methods = [(f'"204|{n}"', _sent(r.methods, r, METHOD_VARIABLE)) for n, r in numbered]
    yield "allow_methods", "$cors_answer|$cors_rule", [empty, *methods]
    names = [(f'"204|{n}"', _sent(r.request_headers, r, NAMES_VARIABLE)) for n, r in numbered]
    yield "allow_headers", "$cors_answer|$cors_rule", [empty, *names]
    ages = [(f'"204|{n}"', str(r.max_age)) for n, r in numbered if r.max_age is not None]
    yield "max_age", "$cors_answer|$cors_rule", [empty, *ages]
    asked = f"{headers.ACRM}, {headers.ACRH}"
    vary = []
    for number, rule in numbered:
        own = "" if rule.any_origin else headers.ORIGIN
        vary.append((f'"~^1\\|{number}$"', f'"{", ".join(filter(None, [own, asked]))}"'))
        vary.append((f'"~^\\|{number}$"', f'"{own}"'))
    yield "vary", "$cors_preflight|$cors_rule", [empty, *vary]


def _sent(names: list[str], rule: RuleRow, asked: str) -> str:
    """Return the header value of a list. With credentials, a star echoes the requested names."""
    star = asked if rule.credentials else "*"
    return f'"{", ".join(star if name == "*" else name for name in names)}"'


def _method_case(number: int, rule: RuleRow) -> str:
    names = [_quoted(name) for name in ("GET", "HEAD", "POST", *rule.methods) if name != "*"]
    any_method = "|.+" if "*" in rule.methods else ""
    return f'"~^{number}\\|(?:{"|".join(names)}{any_method})$"'


def _header_case(number: int, rule: RuleRow) -> str:
    names = [_quoted(name) for name in rule.request_headers if name != "*"]
    if "*" in rule.request_headers:
        # In Fetch, the star includes every header except this one, which a response can still name.
        bare = "" if rule.credentials else "(?!authorization[ ,]|authorization$)"
        names.append(f"{bare}[^, ]+")
    one = f"(?:{'|'.join(names)})" if names else "(?!)"
    return f'"~*^{number}\\|(?: *{one} *(?:, *{one} *)*)?$"'


def _path_regex(path: str) -> str:
    parts = written(path).split("/")
    body = "/".join("[^/]+" if part == "*" else _quoted(part) for part in parts)
    return f"^{body}" if path.endswith("/") else f"^{body}$"


def _quoted(text: str) -> str:
    """Return a text for a regex in double quotes; nginx compares bytes."""
    return "".join(
        sign if sign in _LITERAL else "".join(f"\\x{byte:02x}" for byte in sign.encode())
        for sign in text
    )
