"""Read the CORS rules of an S3 bucket as policies."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy
from corsadmin.convert.routes import Route, convert_routes
from corsadmin.convert.s3.parse import LISTS, Rule, parse_rules

_KNOWN_METHODS: Final = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})


def read_policies(text: str, _hosts: Sequence[str] = ()) -> Conversion:
    """Return the policies of the rules. Raises BrokenTextError if the text has no valid rules."""
    rules = parse_rules(text)
    conversion = Conversion()
    alike = list(_alike(conversion, rules))
    if alike:
        policy = _policy(conversion, alike)
        convert_routes(conversion, [Route("the bucket", policy, ("/",))])
    return conversion


def _alike(conversion: Conversion, rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield the first rule that a path rule can express, and those that differ in origins only."""
    left_out: list[Rule] = []
    first: Rule | None = None
    for number, rule in enumerate(rules, 1):
        why = _why_not(rule, first, left_out)
        if why:
            conversion.remark(f"rule {number} ({', '.join(rule['AllowedOrigins'])})", why)
            left_out.append(rule)
        else:
            first = first or rule
            yield rule


def _why_not(rule: Rule, first: Rule | None, left_out: Sequence[Rule]) -> str:
    """Return why a rule cannot be carried over beside the first that was, or blank."""
    methods = rule["AllowedMethods"]
    if "GET" not in methods:
        return (
            f"it lets its origins use {', '.join(methods)} and not GET. A rule here lets every "
            "listed origin read. Add GET to it if they may read."
        )
    if first is not None and _without_origins(rule) != _without_origins(first):
        return (
            "it allows other methods or headers than the rule before it. S3 takes the first rule that "
            "fits, but a path here has one list for all origins. Give it a path of its own."
        )
    if any(_answers_less(other, rule) for other in left_out):
        return "a rule before it, which is not carried over, grants its origins less."
    return ""


def _answers_less(earlier: Rule, rule: Rule) -> bool:
    """Report whether an earlier rule may fit where this rule does, and then grants less."""
    theirs, own = earlier["AllowedOrigins"], rule["AllowedOrigins"]
    return (
        ("*" in "".join((*theirs, *own)) or not set(theirs).isdisjoint(own))
        and not set(earlier["AllowedMethods"]).isdisjoint(rule["AllowedMethods"])
        and (
            not set(rule["ExposeHeaders"]) <= set(earlier["ExposeHeaders"])
            or ("*" in theirs and "*" not in own)
        )
    )


def _policy(conversion: Conversion, rules: Sequence[Rule]) -> CorsPolicy:
    any_origin = "*" in rules[0]["AllowedOrigins"]
    # S3 grants credentials unless the rule's origin is a lone star.
    rule = _path_rule(conversion, rules[0], any_origin=any_origin, credentials=not any_origin)
    listed = [] if any_origin else [one for rule in rules for one in rule["AllowedOrigins"]]
    return CorsPolicy(rule, dict.fromkeys(_origins(conversion, listed), not any_origin))


def _origins(conversion: Conversion, listed: Iterable[str]) -> Iterator[str]:
    for origin in listed:
        if origin.endswith(":*"):
            why = "S3 requires a port here; an entry allows any port or none."
            conversion.remark(f"AllowedOrigins {origin!r}", why, origin)
        # S3's star matches anything, but browsers send only labels before a dot.
        elif conversion.can_hold(origin, f"AllowedOrigins {origin!r}"):
            if "*" in origin.replace("://*.", "", 1):
                why = "S3's star also matches dots and ports; an entry's star does not."
                conversion.remark(f"AllowedOrigins {origin!r}", why, origin)
            yield origin


def _path_rule(
    conversion: Conversion, rule: Rule, *, any_origin: bool, credentials: bool
) -> dict[str, Any]:
    known = [name for name in rule["AllowedMethods"] if name in _KNOWN_METHODS]
    for name in rule["AllowedMethods"]:
        if name not in known:
            conversion.remark(f"AllowedMethods {name!r}", "S3 has no such method.")
    done = "pages could not read the responses to them"
    conversion.remark_on_simple_methods(known, "AllowedMethods", done)
    # S3 echoes the requested headers, authorization included.
    echoed = "*" in rule["AllowedHeaders"]
    named = _without_patterns(
        conversion, "AllowedHeaders", rule, "a rule has no patterns for headers"
    )
    exposed = _without_patterns(conversion, "ExposeHeaders", rule, "S3 takes no star there")
    return {
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": conversion.methods(known, "AllowedMethods", credentials=credentials),
        "request_headers": conversion.request_headers(
            named, "AllowedHeaders", credentials=credentials, echoed=echoed
        ),
        "exposed_headers": conversion.exposed_headers(
            exposed, "ExposeHeaders", credentials=credentials
        ),
        "max_age": conversion.max_age(rule["MaxAgeSeconds"], "MaxAgeSeconds"),
    }


def _without_patterns(conversion: Conversion, field: str, rule: Rule, why: str) -> list[str]:
    found = []
    for name in rule[field]:
        if "*" not in name:
            found.append(name)
        elif name != "*" or field == "ExposeHeaders":
            conversion.remark(f"{field} {name!r}", f"{why}. List the names.")
    return found


def _without_origins(rule: Rule) -> dict[str, Any]:
    listed = {name: sorted(rule[name]) for name in LISTS if name != "AllowedOrigins"}
    return {**listed, "*": "*" in rule["AllowedOrigins"], "age": rule["MaxAgeSeconds"]}
