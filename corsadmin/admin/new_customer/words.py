"""Sentences that say what a new customer may do."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.admin.new_customer.planning import CustomerPlan
from corsadmin.admin.words import moment_text, path_text
from corsadmin.models import PathRule

MAX_NAMED: Final = 5  # hosts or origins named in a sentence


def plan_sentences(plan: CustomerPlan) -> list[str]:
    """Return what a plan allows and what it lacks, one sentence for each part."""
    hosts = [row.host for row in plan.hosts]
    origins = [row.pattern for row in plan.origins]
    ends = {row.valid_until for row in plan.origins} - {None}
    return [
        _("Calls to %(hosts)s belong to this customer.") % {"hosts": _named(hosts)}
        if hosts
        else _("This customer has no host yet."),
        _("Pages on %(origins)s may read the responses.") % {"origins": _named(origins)}
        if origins
        else _("This customer has no origin yet that may read the responses."),
        *_of_rule(plan.rule),
        *(_("These origins end at %(end)s.") % {"end": moment_text(end)} for end in ends if end),
    ]


def _of_rule(rule: PathRule | None) -> list[str]:
    if rule is None:
        return [_("It has no path rule of its own. The platform's rules decide what pages may do.")]
    path = path_text(rule.path)
    if rule.path.endswith("/"):
        path = _("%(path)s and below") % {"path": path}
    # Every template has names in each of these lists.
    return [
        _("On %(path)s they may use %(methods)s.")
        % {"path": path, "methods": _joined(rule.methods)},
        _("They may send the request headers %(names)s.")
        % {"names": _joined(rule.request_headers)},
        _("They may read the response headers %(names)s.")
        % {"names": _joined(rule.exposed_headers)},
        _("They may make calls with cookies and log-ins.")
        if rule.credentials
        else _("They may not make calls with cookies or log-ins."),
    ]


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names)


def _named(names: Sequence[str]) -> str:
    """Return names joined with commas, shortened if there are many."""
    left = len(names) - MAX_NAMED
    shown = _joined(names[:MAX_NAMED])
    return (
        shown if left <= 0 else _("%(names)s and %(count)d more") % {"names": shown, "count": left}
    )
