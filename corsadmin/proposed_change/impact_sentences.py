"""The impact of a change on the callers that were seen, in words."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from corsadmin.proposed_change.seen_impact import ChangeImpact, TenantImpact
from corsadmin.sightings.impacts import AffectedOrigin, Depends, Impact, LostNames, joined

MAX_NAMED: Final = 3  # origins of one sentence that are named
MAX_SHOWN_TENANTS: Final = 20  # tenants with sentences of their own

_DEPENDS: Final[dict[Depends, Promise]] = {
    Depends.PATH: gettext_lazy("Whether it does depends on the path."),
    Depends.ORIGIN: gettext_lazy(
        "Whether it does depends on the origin, which is not recorded below a wildcard."
    ),
    Depends.NAMES: gettext_lazy("Whether it does depends on what a preflight asks for."),
    Depends.TENANT: gettext_lazy(
        "Whether it does depends on the tenant, because several share the entry."
    ),
    Depends.HOST: gettext_lazy("Whether it does depends on the host."),
}
# A certain change and one that depends; then both without numbers that include other tenants.
_LOST: Final = (
    ngettext_lazy(
        "This would shut out %(number)s origin (%(calls)s, %(last)s)",
        "This would shut out %(number)s origins (%(calls)s, %(last)s)",
        "count",
    ),
    ngettext_lazy(
        "This may shut out %(number)s origin (up to %(calls)s, %(last)s)",
        "This may shut out %(number)s origins (up to %(calls)s, %(last)s)",
        "count",
    ),
    ngettext_lazy(
        "This would shut out %(number)s origin",
        "This would shut out %(number)s origins",
        "count",
    ),
    ngettext_lazy(
        "This may shut out %(number)s origin",
        "This may shut out %(number)s origins",
        "count",
    ),
)
_OPENED: Final = (
    ngettext_lazy(
        "This would let in %(number)s origin that was refused (%(calls)s, %(last)s)",
        "This would let in %(number)s origins that were refused (%(calls)s, %(last)s)",
        "count",
    ),
    ngettext_lazy(
        "This may let in %(number)s origin that was refused (up to %(calls)s, %(last)s)",
        "This may let in %(number)s origins that were refused (up to %(calls)s, %(last)s)",
        "count",
    ),
    ngettext_lazy(
        "This would let in %(number)s origin that was refused",
        "This would let in %(number)s origins that were refused",
        "count",
    ),
    ngettext_lazy(
        "This may let in %(number)s origin that was refused",
        "This may let in %(number)s origins that were refused",
        "count",
    ),
)
_WITHOUT_CREDENTIALS: Final = (
    ngettext_lazy(
        "This would take credentials from %(number)s origin (%(calls)s, %(last)s)",
        "This would take credentials from %(number)s origins (%(calls)s, %(last)s)",
        "count",
    ),
    ngettext_lazy(
        "This may take credentials from %(number)s origin (up to %(calls)s, %(last)s)",
        "This may take credentials from %(number)s origins (up to %(calls)s, %(last)s)",
        "count",
    ),
    ngettext_lazy(
        "This would take credentials from %(number)s origin",
        "This would take credentials from %(number)s origins",
        "count",
    ),
    ngettext_lazy(
        "This may take credentials from %(number)s origin",
        "This may take credentials from %(number)s origins",
        "count",
    ),
)
# By whether the change depends, and whether it has a number.
_NAMES: Final[dict[tuple[bool, bool], Promise]] = {
    (False, True): gettext_lazy("On %(rule)s this would refuse %(names)s, which preflights asked for (up to %(calls)s, %(last)s)."),
    (True, True): gettext_lazy("On %(rule)s this may refuse %(names)s, which preflights asked for (up to %(calls)s, %(last)s)."),
    (False, False): gettext_lazy("On %(rule)s this would refuse %(names)s, which preflights asked for (%(last)s)."),
    (True, False): gettext_lazy("On %(rule)s this may refuse %(names)s, which preflights asked for (%(last)s)."),
}  # fmt: skip


def impact_sentences(
    found: ChangeImpact,
    *,
    seen: frozenset[int] | None,
    named: frozenset[int] | None,
    own: int | None = None,
) -> list[str]:
    """Return the impact of a change in words.

    `seen` has the tenants that the reader sees, `named` those whose callers they see, with the
    entries and path rules that let them in; None means all. The sentences reveal nothing about
    other tenants, except in the totals of a change that all tenants inherit. The use of an
    inherited entry includes other tenants' calls, so only a reader who sees all of them reads its
    numbers. The tenant `own` is not named, because the reader is on its page.
    """
    shown = [one for one in found.tenants if seen is None or one.tenant in {*seen, own}]
    sentences = [*_totals(found, shown)]
    for one in shown[:MAX_SHOWN_TENANTS]:
        texts = _of_impact(
            one.impact,
            names_callers=named is None or one.tenant in named,
            counts_all=named is None,
        )
        sentences += [text if one.tenant == own else f"{one.slug}: {text}" for text in texts]
    left = len(shown) - MAX_SHOWN_TENANTS
    if left > 0:
        sentences.append(_("Further tenants affected: %(count)d.") % {"count": left})
    if sentences and (found.is_cut or any(one.impact.is_cut for one in found.tenants)):
        sentences.append(
            _(
                "This comparison does not cover everything that was recorded: other callers may "
                "be affected too."
            )
        )
    return sentences


def _totals(found: ChangeImpact, shown: Sequence[TenantImpact]) -> Iterator[str]:
    """Yield the totals of all tenants, if the reader does not see each of them."""
    if found.is_shared and len(shown) < len(found.tenants):
        total = Impact(
            joined(origin for one in found.tenants for origin in one.impact.lost),
            joined(origin for one in found.tenants for origin in one.impact.opened),
            joined(origin for one in found.tenants for origin in one.impact.without_credentials),
            tuple(names for one in found.tenants for names in one.impact.names),
        )
        for text in _of_impact(total, names_callers=False, counts_all=True):
            yield _("All tenants together: %(text)s") % {"text": text}


def _of_impact(impact: Impact, *, names_callers: bool, counts_all: bool) -> Iterator[str]:
    """Yield a sentence for each kind of effect and each thing that it depends on."""
    for words, affected in (
        (_LOST, impact.lost),
        (_OPENED, impact.opened),
        (_WITHOUT_CREDENTIALS, impact.without_credentials),
    ):
        for depends, is_uncounted in product(Depends, (False, True)):
            some = [
                one
                for one in affected
                if one.depends is depends and (one.is_shared and not counts_all) is is_uncounted
            ]
            if some:
                certain, possible = words[2:] if is_uncounted else words[:2]
                text = possible if depends else certain
                yield _of_origins(text, depends, some, names_callers=names_callers)
    if impact.names and not names_callers:
        yield _("This refuses methods or headers that preflights asked for.")
    for lost in impact.names if names_callers else ():
        yield _of_names(lost, is_counted=counts_all or not lost.is_shared)


def _of_origins(
    words: Any,
    depends: Depends,
    affected: Sequence[AffectedOrigin],
    *,
    names_callers: bool,
) -> str:
    latest = max(affected, key=lambda one: one.last)
    text = words % {
        "count": len(affected),
        "number": _number(len(affected)),
        "calls": _calls(sum(one.calls for one in affected)),
        "last": _last(latest.last, is_day=latest.is_day),
    }
    if names_callers:
        named = ", ".join(one.origin for one in affected[:MAX_NAMED])
        text = f"{text}: {named}{', …' if len(affected) > MAX_NAMED else '.'}"
    else:
        text = f"{text}."
    return f"{text} {_DEPENDS[depends]}" if depends else text


def _of_names(lost: LostNames, *, is_counted: bool) -> str:
    text = _NAMES[bool(lost.depends), is_counted]
    return str(text) % {
        "rule": lost.rule,
        "names": ", ".join([*lost.methods, *lost.headers]),
        "calls": _calls(lost.calls),
        "last": _last(lost.last, is_day=True),
    }


def _calls(count: int) -> str:
    text = ngettext("%(number)s call a day", "%(number)s calls a day", count)
    return text % {"number": _number(count)}


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)


def _last(moment: datetime, *, is_day: bool) -> str:
    if not is_day:
        return _("last seen %(time)s ago") % {"time": timesince(moment)}
    # Days are counted in UTC.
    if moment.date() == datetime.now(UTC).date():
        return _("last seen today")
    return _("last seen on %(day)s") % {"day": date_format(moment)}
