"""Near misses: entries that a refused origin almost meets, and in what it differs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from corsadmin.diagnose.explain.context import Case
from corsadmin.engine import Reason
from corsadmin.engine.origins import OriginPattern, Parts, parse_origin, parse_pattern
from corsadmin.engine.paths import covers
from corsadmin.engine.problems import PolicyError
from corsadmin.engine.rules import admits
from corsadmin.engine.wildcards import candidates
from corsadmin.messages import shown
from corsadmin.models import Origin, Tenant
from corsadmin.models.policy_rows import OriginRow, epoch

MAX_NEAR_MISSES: Final = 5

# The nearest first.
SENTENCES: Final[dict[str, Promise]] = {
    "disabled": _("The entry %(entry)s is disabled."),
    "expired": _("The entry %(entry)s expired on %(until)s, %(ago)s ago."),
    "not-yet-valid": _("The entry %(entry)s becomes valid on %(from)s."),
    "exclusive": _(
        "The entry %(entry)s is allowed elsewhere, but this path rule admits only origins scoped to "
        "it."
    ),
    "scope": _("The entry %(entry)s is only for %(scope)s, not for %(path)s."),
    "case": _("It differs only in case: a browser sends %(sent)s, which %(entry)s covers."),
    "form": _("A browser sends %(sent)s instead, which the entry %(entry)s covers."),
    "invalid-entry": _("The entry %(entry)s is not valid; written as %(mended)s it would match."),
    "scheme": _("The entry %(entry)s differs only in the scheme: it would match with %(scheme)s."),
    "port": _("The entry %(entry)s differs only in the port: the page has %(port)s."),
    "scheme-and-port": _("The entry %(entry)s has the same host, but another scheme and port."),
    "opaque-case": _("The entry %(entry)s differs only in case, which counts for applications."),
    "label": _(
        "The wildcard of the entry %(entry)s stands for one or more of a-z, 0-9, - and _ within "
        "the first label: %(host)s does not fit."
    ),
    "apex": _("The entry %(entry)s covers names below %(host)s, but not %(host)s itself."),
    "subdomain": _("The entry %(entry)s covers only that host and nothing below it."),
    "www": _("The entry %(entry)s differs only in the www."),
    "other-tenant": _("It is listed for %(tenant)s, to which this request does not belong."),
}
_NEAREST_FIRST: Final = tuple(SENTENCES)
_EXPLAINED: Final = frozenset({
    Reason.ORIGIN_NOT_LISTED,
    Reason.ORIGIN_MALFORMED,
    Reason.ORIGIN_EXPIRED,
    Reason.ORIGIN_NOT_YET_VALID,
    Reason.ORIGIN_OUT_OF_SCOPE,
})  # fmt: skip


class NearMiss(NamedTuple):
    """An entry that came near, of which tenant, and one sentence on the difference."""

    kind: str
    tenant: str
    entry: str
    sentence: str


def near_misses(case: Case) -> list[NearMiss]:
    """Return what the refused origin of a case almost met, the nearest first, at most MAX_NEAR_MISSES."""
    if case.decision.reason not in _EXPLAINED:
        return []
    parts = parse_origin(sendable_form(case.question.origin))
    if parts is None:
        return []
    found = [
        near
        for tenant, row in case.entries()
        if (near := _compare(tenant, row, parts, case)) is not None
    ]
    found.extend(_elsewhere(parts, case))
    return sorted(found, key=lambda near: _NEAREST_FIRST.index(near.kind))[:MAX_NEAR_MISSES]


def sendable_form(origin: str) -> str:
    """Return an origin as a browser would send it; as it is where that cannot be told."""
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
        "host": parts[1],
        "mended": mended,
        "path": shown(case.path),
        "port": parts[2] or gettext("the default one"),
        "scheme": scheme,
        "scope": shown(row.scope),
        "sent": _written(parts),
        "until": _moment(row.valid_until),
    }
    return NearMiss(kind, tenant.slug, row.name, str(SENTENCES[kind]) % facts)


def _difference(row: OriginRow, pattern: OriginPattern, parts: Parts, case: Case) -> str:
    """Return the kind of the one thing in which a page differs from an entry, or blank."""
    scheme, host, port = parts
    same_scheme, same_port = scheme == pattern.scheme, pattern.port in ("*", port)
    same_host = pattern.covers_host(host)
    match (same_scheme, same_host, same_port):
        case (True, True, True):
            return _condition(row, case)
        case (True, True, False):
            return "port"
        case (False, True, _) if _may_have(pattern, host):
            return "scheme" if same_port else "scheme-and-port"
        case (True, False, True):
            return _host_difference(pattern, host)
    return ""


def _may_have(pattern: OriginPattern, host: str) -> bool:
    """Report whether a pattern's host is that of a page, and not one of all that its scheme has."""
    # Only applications have hosts with an upper-case letter or `~`.
    return not pattern.any_host and parse_origin(f"{pattern.scheme}://{host}") is not None


def _condition(row: OriginRow, case: Case) -> str:
    """Return which condition of an entry that covers the origin is not met."""
    until, since = epoch(row.valid_until), epoch(row.valid_from)
    origin = case.question.origin
    conditions = {
        "disabled": not row.enabled,
        "expired": until is not None and until <= case.now,
        "not-yet-valid": since is not None and since > case.now,
        "exclusive": case.rule is not None and not admits(case.rule, row.scope),
        "scope": row.scope != "" and not covers(row.scope, case.path),
        "case": origin != origin.lower() and parse_origin(origin.lower()) is not None,
        "form": parse_origin(origin) is None,
    }
    return next((kind for kind, holds in conditions.items() if holds), "")


def _host_difference(pattern: OriginPattern, host: str) -> str:
    if pattern.label:
        return "label" if host.endswith(f".{pattern.host}") else ""
    if pattern.is_application:
        return "opaque-case" if host.lower() == pattern.host.lower() else ""
    if pattern.subdomains:
        return "apex" if host == pattern.host else ""
    if f"www.{host}" == pattern.host or host == f"www.{pattern.host}":
        return "www"
    return "subdomain" if host.endswith(f".{pattern.host}") else ""


def _elsewhere(parts: Parts, case: Case) -> Iterator[NearMiss]:
    """Yield other tenants for which the origin is listed, those that may be named."""
    origin = _written(parts)
    listed = Origin.objects.using(case.using).filter(
        pattern__in=[origin, *candidates(*parts)], enabled=True, tenant__is_active=True
    )
    others = listed.exclude(tenant__in=case.owners).select_related("tenant").order_by("pk")
    if case.visible is not None:
        others = others.filter(tenant__in=case.visible)
    for row in others[:MAX_NEAR_MISSES]:
        sentence = str(SENTENCES["other-tenant"]) % {"tenant": row.tenant.slug}
        yield NearMiss("other-tenant", row.tenant.slug, str(row), sentence)


def _written(parts: Parts) -> str:
    scheme, host, port = parts
    return f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
