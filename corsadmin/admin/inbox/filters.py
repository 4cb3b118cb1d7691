"""The form that chooses which part of the inbox a page shows. The URL keeps its values."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from corsadmin.engine import Reason
from corsadmin.messages import REASONS
from corsadmin.models import Dismissal, Sighting

USUAL_DAYS: Final = "7"
USUAL: Final = {"days": USUAL_DAYS}  # the default values
ANY_TIME: Final = "all"
WAITING, DISMISSED = "waiting", "dismissed"
KIN, STRANGERS = "kin", "strangers"
_OF_ORIGINS: Final = (
    Reason.ORIGIN_NOT_LISTED,
    Reason.ORIGIN_EXPIRED,
    Reason.ORIGIN_NOT_YET_VALID,
    Reason.ORIGIN_OUT_OF_SCOPE,
    Reason.ORIGIN_MALFORMED,
    Reason.ORIGIN_NULL,
    Reason.POLICY_INVALID,
)


class InboxFilter(forms.Form):
    """Which refused origins to show. The URL may leave out any field."""

    days = forms.ChoiceField(
        label=_("Seen in"),
        required=False,
        choices=[
            ("1", _("the last 24 hours")),
            (USUAL_DAYS, _("the last 7 days")),
            ("30", _("the last 30 days")),
            (ANY_TIME, _("everything recorded")),
        ],
    )
    lane = forms.ChoiceField(
        label=_("Who"),
        required=False,
        choices=[
            ("", _("all callers")),
            (KIN, _("related: on a domain that the tenant uses")),
            (STRANGERS, _("others: on any other domain")),
        ],
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[("", _("any")), *((str(one), REASONS[one]) for one in _OF_ORIGINS)],
    )
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[(WAITING, _("waiting")), (DISMISSED, _("dismissed"))],
    )
    tenant = forms.CharField(
        label=_("Tenant"),
        required=False,
        max_length=63,
        widget=forms.TextInput(attrs={"list": "corsadmin-tenants", "placeholder": _("slug")}),
    )

    def __init__(self, *args: Any, of_one_tenant: bool, **kwargs: Any) -> None:
        """`of_one_tenant` says that the page shows the inbox of a single tenant."""
        super().__init__(*args, **kwargs)
        if of_one_tenant:
            del self.fields["tenant"]

    def clean_days(self) -> str:
        """Return the number of days."""
        return self.cleaned_data["days"] or USUAL_DAYS

    @property
    def shows_dismissed(self) -> bool:
        """Report whether a valid form asks for dismissed origins."""
        return bool(self.cleaned_data["show"] == DISMISSED)

    @cached_property
    def since(self) -> datetime | None:
        """From which moment on a valid form asks, None for everything recorded."""
        days = self.cleaned_data["days"]
        return None if days == ANY_TIME else timezone.now() - timedelta(days=int(days))

    @property
    def in_time(self) -> Q:
        """The condition for sightings in that time."""
        return Q() if self.since is None else Q(last_seen__gte=self.since)

    def choose(self, sightings: QuerySet[Sighting]) -> QuerySet[Sighting]:
        """Return the sightings that a valid form asks for."""
        asked = self.cleaned_data
        condition = self.in_time & Q(reason__in=_OF_ORIGINS)
        if asked["lane"]:
            condition &= Q(is_kin=asked["lane"] == KIN)
        if asked["reason"]:
            condition &= Q(reason=asked["reason"])
        if asked.get("tenant"):
            condition &= Q(tenant__slug=asked["tenant"])
        dismissed = Exists(
            Dismissal.objects.filter(
                tenant=OuterRef("tenant"), origin=OuterRef("origin"), until__gt=timezone.now()
            )
        )
        return sightings.filter(condition, dismissed if self.shows_dismissed else ~dismissed)
