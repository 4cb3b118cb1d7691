"""Carry over the CORS rules of an S3 bucket, in JSON or XML."""

from collections.abc import Sequence
from typing import Any, Final

from corsadmin.engine import PolicyError, parse_pattern
from corsadmin.messages import describe
from corsadmin.transfer.sources.carried import Carried
from corsadmin.transfer.sources.s3_reading import LISTS, Rule, read_rules

_KNOWN_METHODS: Final = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})


def carry_rules(text: str) -> Carried:
    """Return what the rules say. Raises BrokenTextError for what are not rules."""
    rules = read_rules(text)
    carried = Carried()
    before: list[Rule] = []  # those that are not carried over
    first: Rule | None = None
    for number, rule in enumerate(rules, 1):
        why = _why_not(rule, first, before)
        if why:
            carried.remark(f"rule {number} ({', '.join(rule['AllowedOrigins'])})", why)
            before.append(rule)
        else:
            first = first or rule
            _carry(carried, rule)
    return carried


def _why_not(rule: Rule, first: Rule | None, before: Sequence[Rule]) -> str:
    """Return why a rule cannot be carried over beside the first that was, or blank."""
    methods = rule["AllowedMethods"]
    if "GET" not in methods:
        return (
            f"it lets its origins use {', '.join(methods)} and not GET. A rule here lets every "
            "listed origin read. Add GET to it if they may."
        )
    if first is not None and _without_origins(rule) != _without_origins(first):
        return (
            "it allows other methods or headers than the rule before it: S3 takes the first that "
            "fits, a path here has one list for all origins. Give it a path of its own."
        )
    if any(_answers_less(other, rule) for other in before):
        return "a rule before it, which is not carried over, answers its origins with less."
    return ""


def _answers_less(earlier: Rule, rule: Rule) -> bool:
    """Report whether an earlier rule may fit where a rule does, and then answers with less."""
    theirs, own = earlier["AllowedOrigins"], rule["AllowedOrigins"]
    return (
        ("*" in "".join((*theirs, *own)) or not set(theirs).isdisjoint(own))
        and not set(earlier["AllowedMethods"]).isdisjoint(rule["AllowedMethods"])
        and (
            not set(rule["ExposeHeaders"]) <= set(earlier["ExposeHeaders"])
            or ("*" in theirs and "*" not in own)
        )
    )


def _carry(carried: Carried, rule: Rule) -> None:
    any_origin = "*" in rule["AllowedOrigins"]
    for origin in [] if any_origin else rule["AllowedOrigins"]:
        if origin.endswith(":*"):
            why = "S3 asks for a port here, an entry for any port or none."
            carried.remark(f"AllowedOrigins {origin!r}", why, origin)
            continue
        try:
            # The star stands for anything, yet what browsers send has only labels before a dot.
            parse_pattern(origin)
        except PolicyError as error:
            (problem,) = error.problems
            carried.remark(f"AllowedOrigins {origin!r}", describe(problem))
        else:
            carried.add_origin(pattern=origin, credentials=True)
    if not carried.paths:
        carried.paths.append(_path_rule(carried, rule, any_origin=any_origin))


def _path_rule(carried: Carried, rule: Rule, *, any_origin: bool) -> dict[str, Any]:
    # S3 sends credentials to every origin that is not a star alone.
    credentials = not any_origin
    known = [name for name in rule["AllowedMethods"] if name in _KNOWN_METHODS]
    for name in rule["AllowedMethods"]:
        if name not in known:
            carried.remark(f"AllowedMethods {name!r}", "S3 has no such method.")
    done = "what is answered to them was not to be read"
    carried.remark_on_simple_methods(known, "AllowedMethods", done)
    # S3 answers with the headers that were asked for, authorization too.
    echoed = "*" in rule["AllowedHeaders"]
    named = _without_patterns(carried, "AllowedHeaders", rule, "a rule has no patterns for headers")
    exposed = _without_patterns(carried, "ExposeHeaders", rule, "S3 takes no star there")
    return {
        "path": "/",
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": carried.methods(known, "AllowedMethods", credentials=credentials),
        "request_headers": carried.request_headers(
            named, "AllowedHeaders", credentials=credentials, echoed=echoed
        ),
        "exposed_headers": carried.exposed_headers(
            exposed, "ExposeHeaders", credentials=credentials
        ),
        "max_age": carried.max_age(rule["MaxAgeSeconds"], "MaxAgeSeconds"),
    }


def _without_patterns(carried: Carried, field: str, rule: Rule, why: str) -> list[str]:
    found = []
    for name in rule[field]:
        if "*" not in name:
            found.append(name)
        elif name != "*" or field == "ExposeHeaders":
            carried.remark(f"{field} {name!r}", f"{why}. List the names.")
    return found


def _without_origins(rule: Rule) -> dict[str, Any]:
    listed = {name: sorted(rule[name]) for name in LISTS if name != "AllowedOrigins"}
    return {**listed, "*": "*" in rule["AllowedOrigins"], "age": rule["MaxAgeSeconds"]}
