"""The form that chooses which changes the history shows. The URL keeps its values."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, Subquery
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.history.change_number import moment_of_number
from corsadmin.admin.history.reading import in_order
from corsadmin.admin.history.versions import (
    KeyRange,
    Kind,
    key_ranges,
    owner_field,
    visible_versions,
)
from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError
from corsadmin.models import Emergency, Origin, PathRule, Tenant, TenantHost, TenantMember
from corsadmin.models.access import Access
from corsadmin.models.change_reason import IMPORTED, RESTORED, UNDONE
from corsadmin.models.rows import RowVersions
from corsadmin.models.validation import NO_SUCH_YEAR, is_showable
from corsadmin.proposed_change.losses import patterns_covering

MAX_SEARCHED_VERSIONS: Final = 1_000_000  # of each model, when searching for text
MAX_COMPARED_VERSIONS: Final = 20_000  # of each model, when comparing each to the one before
MAX_NAMED_KEYS: Final = 1_000  # tenants and users that a text can match
SWITCHES: Final[Mapping[Kind, str]] = {
    Tenant: "is_active", PathRule: "enabled", Origin: "enabled",
}  # fmt: skip
_NAMES: Final[Mapping[Kind, str]] = {
    Tenant: "slug", TenantHost: "host", PathRule: "path", Origin: "pattern",
}  # fmt: skip
_SIGNS: Final = {"added": "+", "changed": "~", "removed": "-"}
_REASONS: Final = {"undone": UNDONE, "restored": RESTORED}
_SWITCHED: Final = {"enabled": True, "disabled": False}
# A case-insensitive search of a million texts takes longer than a search for a few spellings.
_SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (str, str.lower, str.upper, str.capitalize)


class HistoryFilter(forms.Form):
    """Which changes to show. The URL may leave out any field."""

    q = forms.CharField(
        label=_("Origin, path or host"),
        required=False,
        max_length=300,
        help_text=_(
            "Also finds deleted rows. A whole origin or URL also finds the wildcards that cover it."
        ),
        widget=forms.TextInput(attrs={"size": 40, "autofocus": True}),
    )
    tenant = forms.CharField(label=_("Tenant"), required=False, max_length=63)
    user = forms.CharField(label=_("User"), required=False, max_length=150)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=_("What happened"),
        required=False,
        choices=[
            ("", _("anything")),
            ("added", _("added")),
            ("changed", _("changed")),
            ("removed", _("deleted")),
            ("enabled", _("enabled")),
            ("disabled", _("disabled")),
            ("undone", _("undone")),
            ("restored", _("put back")),
            ("imported", _("imported")),
            ("emergency", _("emergency switched on or off")),
        ],
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    change = forms.CharField(required=False, widget=forms.HiddenInput)

    is_bounded = False

    def __init__(self, *args: Any, access: Access, without: frozenset[str], **kwargs: Any) -> None:
        """`without` names fields that the page's scope already decides."""
        super().__init__(*args, **kwargs)
        self._access = access
        for name in without:
            del self.fields[name]

    def clean_since(self) -> datetime | None:
        """Return the start of the first day."""
        return _midnight(self.cleaned_data["since"])

    def clean_until(self) -> datetime | None:
        """Return the end of the last day."""
        midnight = _midnight(self.cleaned_data["until"])
        return None if midnight is None else midnight + timedelta(days=1)

    def clean_change(self) -> datetime | None:
        """Return the moment of the change whose number the URL contains."""
        text = self.cleaned_data["change"]
        moment = moment_of_number(text)
        if text and moment is None:
            raise ValidationError(_("This is not a valid change number."))
        return moment

    @property
    def of_one_change(self) -> bool:
        """Report whether a valid form asks for the rows of one change."""
        return self.cleaned_data["change"] is not None

    def choose(self, scope: Mapping[Kind, Q]) -> dict[Kind, RowVersions]:
        """Return the versions that a valid form asks for, sorted, within each model's scope.

        Models of which the form asks for none are left out.
        """
        conditions = {kind: self._condition(kind) for kind in scope}
        asked = {kind: found for kind, found in conditions.items() if found is not None}
        ranges = self._ranges(asked, self._most(scope, asked))
        found = {}
        for kind, condition in asked.items():
            versions = visible_versions(self._access, kind).filter(scope[kind] & condition)
            is_whole = not (scope[kind] & condition) and self._access.keys("view", kind) is None
            if kind in ranges:
                first, end = ranges[kind]
                versions = versions.filter(self._in_time, history_id__gte=first, history_id__lt=end)
            versions = _switched(versions, kind, self.cleaned_data["kind"])
            # The name of a membership includes its user.
            users = ["history_user", *(["user"] if kind is TenantMember else [])]
            found[kind] = in_order(versions, is_whole=is_whole).select_related(*users)
        return found

    def _ranges(self, asked: Mapping[Kind, Q], most: int) -> dict[Kind, KeyRange]:
        """Return the range of keys to search for each model. No range means all of its keys."""
        given = self.cleaned_data
        since, until = given["change"] or given["since"], given["change"] or given["until"]
        if not asked or not (since or until or most):
            return {}
        ranges = key_ranges(asked, since, until)
        for kind, found in ranges.items() if most else ():
            if found.end - found.first > most:
                self.is_bounded = True
                ranges[kind] = found._replace(first=found.end - most)
        return ranges

    def _most(self, scope: Mapping[Kind, Q], asked: Mapping[Kind, Q]) -> int:
        """Return how many versions to search, 0 for all, as where an index finds those of a row."""
        given = self.cleaned_data
        if any(scope.values()) or given.get("tenant") or self.of_one_change:
            return 0
        if given["kind"] in _SWITCHED:
            return MAX_COMPARED_VERSIONS
        return MAX_SEARCHED_VERSIONS if any(asked.values()) else 0

    @property
    def _in_time(self) -> Q:
        given = self.cleaned_data
        if given["change"]:
            return Q(history_date=given["change"])
        found = Q()
        if given["since"]:
            found &= Q(history_date__gte=given["since"])
        if given["until"]:
            found &= Q(history_date__lt=given["until"])
        return found

    def _condition(self, kind: Kind) -> Q | None:
        """Return the condition for versions of a model, or None if the form asks for none."""
        given = self.cleaned_data
        found = Q()
        if given.get("q"):
            if kind not in _NAMES:
                return None
            found &= _named(kind, given["q"].strip())
        if given.get("tenant"):
            found &= Q(**{f"{owner_field(kind)}__in": self._tenants(given["tenant"].strip())})
        if given["user"]:
            found &= Q(history_user__in=_users(given["user"].strip()))
        if given["reason"]:
            found &= _has_text("history_change_reason", given["reason"].strip())
        happened = _happened(kind, given["kind"])
        return None if happened is None else found & happened

    def _tenants(self, text: str) -> list[int]:
        """Return tenants that have or had this slug, or else those whose slug contains the text."""
        versions = visible_versions(self._access, Tenant)
        keys = versions.values_list("id", flat=True).distinct()
        exact = list(keys.filter(slug=text.lower())[:MAX_NAMED_KEYS])
        return exact or list(keys.filter(_has_text("slug", text))[:MAX_NAMED_KEYS])


def searched_patterns(term: str) -> list[str]:
    """Return every pattern that covers the origin in a search term, none without an origin.

    The term may be whatever people have at hand: a whole URL, upper case, a trailing slash.
    """
    if parse_origin(term) is None:
        try:
            parse_pattern(term)
        except PolicyError as error:
            term = error.problems[0].suggestion
    return patterns_covering(term)


def _happened(kind: Kind, what: str) -> Q | None:
    """Return the condition for versions in which this happened, or None if the model has none."""
    if (what in _SWITCHED and kind not in SWITCHES) or (
        what == "emergency" and kind is not Emergency
    ):
        return None
    if what in _SIGNS:
        return Q(history_type=_SIGNS[what])
    if what in _REASONS:
        return Q(history_change_reason__startswith=_REASONS[what])
    if what == "imported":
        reason = "history_change_reason"
        return Q(**{reason: IMPORTED}) | Q(**{f"{reason}__startswith": f"{IMPORTED}: "})
    return Q()


def _midnight(day: date | None) -> datetime | None:
    if day is None:
        return None
    midnight = datetime.combine(day, time())
    if not is_showable(midnight):
        raise ValidationError(NO_SUCH_YEAR)
    return make_aware(midnight) if settings.USE_TZ else midnight


def _named(kind: Kind, term: str) -> Q:
    found = _has_text(_NAMES[kind], term)
    return found | Q(pattern__in=searched_patterns(term)) if kind is Origin else found


def _has_text(field: str, text: str) -> Q:
    found = Q()
    for spelling in dict.fromkeys(spell(text) for spell in _SPELLINGS):
        found |= Q(**{f"{field}__contains": spelling})
    return found


def _users(text: str) -> list[object]:
    users = get_user_model()._default_manager
    name = get_user_model().USERNAME_FIELD
    found = users.filter(**{f"{name}__icontains": text}).order_by()
    return [*found.values_list("pk", flat=True)[:MAX_NAMED_KEYS]]


def _switched(versions: RowVersions, kind: Kind, what: str) -> RowVersions:
    """Return the versions that enabled or disabled a row, or all if the form asks for neither."""
    if what not in _SWITCHED:
        return versions
    name = SWITCHES[kind]
    earlier = kind.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    before = Subquery(earlier.order_by("-history_id").values(name)[:1])
    is_on = _SWITCHED[what]
    switched: RowVersions = versions.annotate(was_on=before).filter(
        **{name: is_on}, was_on=not is_on, history_type="~"
    )
    return switched
