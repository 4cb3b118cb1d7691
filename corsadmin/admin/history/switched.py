"""What an undo does to emergencies, which its page says before the user confirms."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.history.steps import RowStep, allowed
from corsadmin.admin.stop_sentences import stop_sentences
from corsadmin.models import Emergency, Tenant
from corsadmin.models.emergency_switch import stops_less

MAX_COMPARED: Final = 3  # emergencies of a change: comparing each with all sightings takes time
SAY_WHY: Final = gettext_lazy(
    "This switches an emergency on or off. Give a reason, which is kept in the history."
)


class SwitchedTenant(NamedTuple):
    """What happens to one tenant's emergency, and whom that stops or lets in."""

    text: str
    sentences: list[str]


def switch_steps(steps: Iterable[RowStep]) -> list[RowStep]:
    """Return the steps that switch an emergency and are not forbidden."""
    return [step for step in allowed(steps) if step.kind is Emergency]


def switched_tenants(request: HttpRequest, steps: Iterable[RowStep]) -> list[SwitchedTenant]:
    """Return what the steps do to the emergencies of existing tenants."""
    rows: dict[Any, Any] = {step.row.tenant_id: step for step in switch_steps(steps)}  # type: ignore[union-attr]
    tenants = Tenant.objects.filter(pk__in=rows).order_by("slug")[:MAX_COMPARED] if rows else ()
    return [_switched(request, tenant, rows[tenant.pk]) for tenant in tenants]


def _switched(request: HttpRequest, tenant: Tenant, step: Any) -> SwitchedTenant:
    if step.action == "delete" or (step.action == "change" and stops_less(step.old, step.row)):
        text = _(
            "The emergency of %(tenant)s ends or stops less. What the policies allow is allowed "
            "again, as if you had just added every origin:"
        )
        sentences = stop_sentences(request, tenant, step.old.stop.level, lifts=True)
    else:
        text = _("The emergency of %(tenant)s stops what the policies allow:")
        sentences = stop_sentences(request, tenant, step.row.stop.level)
    return SwitchedTenant(text % {"tenant": tenant}, sentences)
