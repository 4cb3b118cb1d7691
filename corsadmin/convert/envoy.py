"""Write a tenant's policy as an Envoy virtual host, and say what it cannot express.

A route can have only one policy, so an origin that gets credentials where others do not has a route
of its own. Envoy takes the first route that matches.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from corsadmin.convert.conversion import Remark
from corsadmin.convert.enabled_rows import enabled_rules, plain_origins, takes_plain_origins
from corsadmin.convert.origin_regexes import origin_regex
from corsadmin.engine import headers
from corsadmin.engine.paths import written
from corsadmin.models.policy_rows import RuleRow
from corsadmin.models.tenant_rows import TenantRows

FILTER: Final = "envoy.filters.http.cors"
CAPTION: Final = """\
# Written by cors_export: one entry of route_config.virtual_hosts. Name your cluster in it.
# The connection manager needs, so that no other spelling of a path gets past these routes:
#   normalize_path: true
#   path_with_escaped_slashes_action: UNESCAPE_AND_FORWARD
# and in http_filters, before the router: envoy.filters.http.cors
"""
# Envoy's default limit (re2.max_program_size.error_level). The program of a regex written here is at
# most 5 longer than its text without the backslashes.
_MAX_REGEX_LENGTH: Final = 100 - 5
_TOO_LONG: Final = "Envoy refuses a regex this long."
_UNRESERVED: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
)
_ONLY_HERE: Final = (
    *(headers.ACAO, headers.ACAC, headers.ACEH),
    *(headers.ACAM, headers.ACAH, headers.ACMA),
)
_ANY: Final = {"safe_regex": {"regex": ".*"}}
Matcher = Mapping[str, Any]
Row = Mapping[str, Any]


def render_policy(held: TenantRows) -> tuple[str, list[Remark]]:
    """Return the virtual host as YAML, and remarks on what it cannot express."""
    remarks: list[Remark] = []
    slug = held.tenant.slug
    origins = list(_origins(held, remarks))
    routes = [route for rule in _rules(held, remarks) for route in _routes(slug, rule, origins)]
    routes.append({"match": {"prefix": "/"}, "route": {"cluster": slug}})
    if not held.hosts:
        remarks.append(Remark(f"tenant {slug}", "it has no host, so it is for every host."))
    domains = [name for row in held.hosts for name in (row.host, f"{row.host}:*")] or ["*"]
    found = {"name": slug, "domains": domains, "routes": routes}
    return CAPTION + "\n".join(_lines([found])) + "\n", remarks


def _rules(held: TenantRows, remarks: list[Remark]) -> Iterator[RuleRow]:
    """Yield the enabled rules, the most specific first."""
    for rule in enabled_rules(held, remarks):
        what = f"path {rule.path}"
        if _is_long(_match(rule.path).get("safe_regex")):
            closed = f"Paths below {_before(rule.path)} are closed there instead, except"
            remarks.append(Remark(what, f"{_TOO_LONG} {closed} those of more specific rules."))
        elif rule.refuse_unlisted:
            remarks.append(Remark(f"{what}: refuse_unlisted", "it is left to the site."))
        if rule.credentials and "*" in rule.methods:
            why = "Envoy cannot echo the requested method. List the methods."
            remarks.append(Remark(f"{what}: methods *", why))
        yield rule


def _origins(held: TenantRows, remarks: list[Remark]) -> Iterator[tuple[Matcher, bool]]:
    for origin in plain_origins(held, remarks):
        matcher = _origin_matcher(origin.pattern)
        if _is_long(matcher.get("safe_regex")):
            remarks.append(Remark(f"origin {origin.pattern}", _TOO_LONG))
        else:
            yield matcher, origin.credentials


def _routes(cluster: str, rule: RuleRow, origins: list[tuple[Matcher, bool]]) -> Iterator[Row]:
    """Yield the routes of a rule: one, or one for each origin that alone gets credentials."""
    match = _match(rule.path)
    if _is_long(match.get("safe_regex")):
        # Without this route, a wider rule after it would apply instead.
        yield {
            "match": {"prefix": _before(rule.path)},
            "route": {"cluster": cluster},
            "response_headers_to_remove": list(_ONLY_HERE),
        }
        return
    listed = origins if takes_plain_origins(rule) else []
    granted = [matcher for matcher, granted in listed if granted and rule.credentials]
    rest = [matcher for matcher, _granted in listed if matcher not in granted]
    if rule.any_origin:
        granted, rest = [], [_ANY]
    for matcher in granted if rest else ():
        own = {**match, "headers": [{"name": "origin", "string_match": matcher}]}
        yield _route(cluster, own, _policy(rule, [matcher], credentials=True), rule)
    credentials = bool(granted and not rest)
    yield _route(cluster, match, _policy(rule, rest or granted, credentials=credentials), rule)


def _route(cluster: str, match: Row, policy: Row, rule: RuleRow) -> Row:
    vary = [{"header": {"key": headers.VARY, "value": headers.ORIGIN}}]
    return {
        "match": match,
        "route": {"cluster": cluster},
        # Envoy decides, not the site behind it.
        "response_headers_to_remove": list(_ONLY_HERE),
        **({} if rule.any_origin else {"response_headers_to_add": vary}),
        "typed_per_filter_config": {FILTER: policy},
    }


def _policy(rule: RuleRow, origins: list[Matcher], *, credentials: bool) -> Row:
    names = rule.request_headers
    if rule.credentials and "*" in names:
        # With a lone star, Envoy echoes the requested names, as a rule with credentials does.
        names = ["*"]
    elif names == ["*"]:
        # With a lone star, Envoy echoes the requested names, authorization included. The star of the
        # Fetch standard excludes it. So add a second name, accept, which needs no permission.
        names = ["*", "accept"]
    methods = [name for name in rule.methods if name != "*" or not rule.credentials]
    texts = {
        "allow_methods": ", ".join(methods),
        "allow_headers": ", ".join(names),
        "expose_headers": ", ".join(rule.exposed_headers),
        "max_age": "" if rule.max_age is None else str(rule.max_age),
    }
    return {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": origins,
        **{name: text for name, text in texts.items() if text},
        "allow_credentials": credentials,
        "forward_not_matching_preflights": False,
    }


def _match(path: str) -> dict[str, Any]:
    """Return the match for the paths that a pattern covers, as they come over the wire."""
    literal = written(path)
    if _UNRESERVED.issuperset(literal):
        return {"prefix" if path.endswith("/") else "path": literal}
    parts = literal.split("/")
    body = "/".join("[^/]+" if part == "*" else "".join(map(_either, part)) for part in parts)
    return {"safe_regex": {"regex": f"{body}.*" if path.endswith("/") else body}}


def _before(path: str) -> str:
    """Return the longest prefix of a pattern that needs no regex."""
    end = next(at for at, sign in enumerate(path) if sign not in _UNRESERVED)
    return path[: path.rfind("/", 0, end) + 1]


def _either(sign: str) -> str:
    """Return the regex of a character that may come percent-encoded, unless Envoy decodes it."""
    if sign in _UNRESERVED:
        return _quoted(sign)
    encoded = "".join(f"%{byte:02x}" for byte in sign.encode())
    comes_bare = sign.isascii() and sign != " "
    return f"(?:{_quoted(sign)}|(?i:{encoded}))" if comes_bare else f"(?i:{encoded})"


def _origin_matcher(text: str) -> Matcher:
    if "*" not in text:
        return {"exact": text}
    return {"safe_regex": {"regex": origin_regex(text, _quoted)}}


def _is_long(regex: Mapping[str, str] | None) -> bool:
    return regex is not None and len(regex["regex"].replace("\\", "")) > _MAX_REGEX_LENGTH


def _quoted(text: str) -> str:
    return "".join(sign if sign in _PLAIN else f"\\{sign}" for sign in text)


_PLAIN: Final = _UNRESERVED.difference(".") | frozenset(":@%&=,;!'")


def _lines(value: Any, indent: str = "") -> Iterator[str]:
    """Yield a nested value as lines of YAML. Texts are written as JSON, which is valid YAML."""
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for name, item in items:
        begin = f"{indent}-" if name is None else f"{indent}{json.dumps(name)}:"
        if not (item and isinstance(item, dict | list)):
            yield f"{begin} {json.dumps(item)}"
            continue
        yield begin
        yield from _lines(item, f"{indent}  ")
