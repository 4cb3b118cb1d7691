"""Origin entries that a refused origin almost matches."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from typing import Final

from django.utils.timesince import timesince
from django.utils.translation import gettext

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.near_misses.sentences import NearMiss, near_miss
from corsadmin.engine.hosts import is_ip
from corsadmin.engine.origins import (
    OriginPattern,
    Parts,
    is_shared_parent,
    parse_origin,
    parse_pattern,
)
from corsadmin.engine.paths import covers
from corsadmin.engine.problems import PolicyError
from corsadmin.engine.rules import admits
from corsadmin.engine.wildcards import candidates
from corsadmin.messages import shown
from corsadmin.models import Origin, Tenant
from corsadmin.models.policy_rows import OriginRow, epoch

MAX_ELSEWHERE: Final = 5  # tenants
# Names and addresses by which a browser reaches its own machine, besides those that begin with 127.
_MACHINE: Final = frozenset({"localhost", "[::1]", "[::]", "0.0.0.0"})  # noqa: S104 (only compared)
# Differences of the host that may come together with one other difference.
_DOUBLE: Final = frozenset({"www-and-scheme", "machine-and-port", "machine-and-scheme"})


def near_origins(case: Case) -> list[NearMiss]:
    """Return the entries that the refused origin of a case almost matches, similar labels first."""
    parts = parse_origin(sendable_form(case.question.origin))
    if parts is None:
        return []
    found = [
        near
        for tenant, row in case.entries()
        if (near := _compare(tenant, row, parts, case)) is not None
    ]
    origin = _written(parts)
    found.sort(key=lambda near: -_similarity(near.entry, origin) if near.kind == "sibling" else 0)
    return [*found, *_elsewhere(parts, case)]


def sendable_form(origin: str) -> str:
    """Return an origin in the form that a browser would send; unchanged if that is unknown."""
    try:
        parse_pattern(origin)
    except PolicyError as error:
        return error.problems[0].suggestion or origin
    return origin


def _compare(tenant: Tenant, row: OriginRow, parts: Parts, case: Case) -> NearMiss | None:
    mended = ""
    try:
        pattern = parse_pattern(row.pattern)
    except PolicyError as error:
        mended = error.problems[0].suggestion
        kind = "invalid-entry" if mended and parse_pattern(mended).covers(*parts) else ""
        scheme = ""
    else:
        kind, scheme = _difference(row, pattern, parts, case), pattern.scheme
    if not kind:
        return None
    facts = {
        "entry": shown(row.pattern),
        "ago": timesince(row.valid_until) if row.valid_until else "",
        "from": _moment(row.valid_from),
        "host": shown(parts[1]),
        "mended": shown(mended),
        "path": shown(case.path),
        "prefix": shown(case.script_prefix),
        "port": parts[2] or gettext("the default"),
        "scheme": scheme,
        "scope": shown(row.scope),
        "sent": shown(_written(parts)),
        "until": _moment(row.valid_until),
    }
    return near_miss(kind, tenant.slug, row.name, **facts)


def _difference(row: OriginRow, pattern: OriginPattern, parts: Parts, case: Case) -> str:
    """Return the kind of difference between a page and an entry, blank if they are not close."""
    scheme, host, port = parts
    same_scheme, same_port = scheme == pattern.scheme, pattern.port in ("*", port)
    if pattern.covers_host(host):
        if same_scheme:
            return _condition(row, case) if same_port else "port"
        kind = "scheme" if same_port else "scheme-and-port"
        return kind if _may_have(pattern, host) else ""
    kind = _host_difference(pattern, host)
    if same_scheme and same_port:
        return kind
    also = "scheme" if same_port else "port"
    return (
        f"{kind}-and-{also}" if f"{kind}-and-{also}" in _DOUBLE and same_scheme != same_port else ""
    )


def _may_have(pattern: OriginPattern, host: str) -> bool:
    """Report whether a pattern names a host, and its scheme could have the host of the page."""
    # Only applications have hosts with an upper-case letter or `~`.
    return not pattern.any_host and parse_origin(f"{pattern.scheme}://{host}") is not None


def _condition(row: OriginRow, case: Case) -> str:
    """Return the first condition that an entry which covers the origin does not meet."""
    until, since = epoch(row.valid_until), epoch(row.valid_from)
    origin = case.question.origin
    conditions = {
        "disabled": not row.enabled,
        "expired": until is not None and until <= case.now,
        "not-yet-valid": since is not None and since > case.now,
        "exclusive": case.rule is not None and not admits(case.rule, row.scope),
        "scope-prefix": _holds_prefix(row.scope, case),
        "scope": row.scope != "" and not covers(row.scope, case.path),
        "case": origin != origin.lower() and parse_origin(origin.lower()) is not None,
        "form": parse_origin(origin) is None,
    }
    return next((kind for kind, holds in conditions.items() if holds), "")


def _holds_prefix(scope: str, case: Case) -> bool:
    """Report whether a scope would cover the path with the prefix of the project before it."""
    if not scope or not case.script_prefix or covers(scope, case.path):
        return False
    return covers(scope, case.script_prefix + case.path)


def _host_difference(pattern: OriginPattern, host: str) -> str:
    """Return the kind of the difference between a host and a pattern that does not cover it."""
    if pattern.is_application:
        return "opaque-case" if host.lower() == pattern.host.lower() else ""
    if pattern.label:
        return "label" if host.endswith(f".{pattern.host}") else ""
    if pattern.subdomains:
        parent = host.partition(".")[2]
        return "apex" if host == pattern.host else _sibling(parent, pattern.host)
    if _is_machine(host) and _is_machine(pattern.host):
        return "machine"
    differences = {
        "www": f"www.{host}" == pattern.host or host == f"www.{pattern.host}",
        "subdomain": host.endswith(f".{pattern.host}") and not is_shared_parent(pattern.host),
        "parent": pattern.host.endswith(f".{host}") and not is_shared_parent(host),
    }
    found = next((kind for kind, holds in differences.items() if holds), "")
    return found or _sibling(host, pattern.host)


def _is_machine(host: str) -> bool:
    """Report whether a host is a name or an address of the machine that the browser runs on."""
    return host in _MACHINE or (host.startswith("127.") and is_ip(host))


def _sibling(host: str, listed: str) -> str:
    """Return "sibling" if one label differs, and the registered domain is the same."""
    labels, others = host.split("."), listed.split(".")
    differing = [
        place for place, pair in enumerate(zip(labels, others, strict=False)) if len({*pair}) > 1
    ]
    if len(labels) != len(others) or len(differing) != 1 or is_ip(host):
        return ""
    parent = ".".join(labels[differing[0] + 1 :])
    return "sibling" if parent and not is_shared_parent(parent) else ""


def _similarity(entry: str, origin: str) -> int:
    """Return how many characters two texts share at both ends, less their difference in length."""
    both_ends = _shared(entry, origin) + _shared(entry[::-1], origin[::-1])
    return both_ends - abs(len(entry) - len(origin))


def _shared(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _elsewhere(parts: Parts, case: Case) -> Iterator[NearMiss]:
    """Yield the other tenants that list the origin and may be named."""
    origin = _written(parts)
    listed = Origin.objects.using(case.using).filter(
        pattern__in=[origin, *candidates(*parts)], enabled=True, tenant__is_active=True
    )
    others = listed.exclude(tenant__in=case.owners).select_related("tenant").order_by("pk")
    if case.visible is not None:
        others = others.filter(tenant__in=case.visible)
    for row in others[:MAX_ELSEWHERE]:
        yield near_miss("other-tenant", row.tenant.slug, str(row))


def _written(parts: Parts) -> str:
    scheme, host, port = parts
    return f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
