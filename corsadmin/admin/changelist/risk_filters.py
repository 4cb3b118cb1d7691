"""Filters for auditors' questions about origins. Choices combine, and the URL keeps them."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.admin.keys import is_key
from corsadmin.transfer.audit.conditions import accepted_entries, meeting_all

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from corsadmin.models import Origin

MAX_READ_ACCEPTANCES: Final = 1_000  # the latest ones, which name the people to choose from
MAX_NAMED_PEOPLE: Final = 20
NOBODY: Final = "unknown"  # in the URL: the history does not say who accepted the risk


class RiskFilter(admin.SimpleListFilter):
    """What makes an origin entry worth a second look. Entries must meet all chosen conditions."""

    title = gettext_lazy("risk")
    parameter_name = "risk"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Model]"
    ) -> Iterable[tuple[str, "_StrPromise"]]:
        return [
            ("accepted", gettext_lazy("Risk accepted")),
            ("http", gettext_lazy("Plain http")),
            ("wildcard", gettext_lazy("Wildcard")),
            ("credentials", gettext_lazy("With credentials")),
            ("no-end", gettext_lazy("No end")),
            ("no-reason", gettext_lazy("No reason given")),
        ]

    def names(self) -> list[str]:
        """Return the chosen conditions by their names in the URL."""
        return chosen_conditions(self.value())

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield each condition with the address that adds it to the chosen ones or removes it."""
        chosen = self.names()
        remove = [self.parameter_name]
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=remove),
            "display": _("All"),
        }
        for name, title in self.lookup_choices:
            is_chosen = name in chosen
            names = [one for one in chosen if one != name] if is_chosen else [*chosen, str(name)]
            new = {self.parameter_name: ",".join(names)} if names else {}
            display = title if is_chosen or not chosen else _("and: %(choice)s") % {"choice": title}
            yield {
                "selected": is_chosen,
                "query_string": changelist.get_query_string(new, remove),
                "display": display,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() is None:
            return queryset
        try:
            return queryset.filter(meeting_all(self.names()))
        except KeyError:
            return queryset.none()


class AccepterFilter(admin.SimpleListFilter):
    """Who accepted the risk of an origin entry, by the key of the user.

    The filter names people only when the list shows entries with an accepted risk: finding people
    takes longer than any other filter.
    """

    title = gettext_lazy("risk accepted by")
    parameter_name = "accepted_by"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Origin]"
    ) -> Iterable[tuple[str, str]]:
        asked = request.GET.get(RiskFilter.parameter_name)
        if "accepted" not in chosen_conditions(asked) and self.parameter_name not in request.GET:
            return []
        latest = accepted_entries(model_admin.get_queryset(request)).order_by("-pk")
        keys = set(latest.values_list("accepter", flat=True)[:MAX_READ_ACCEPTANCES])
        people = get_user_model()._default_manager.filter(pk__in=keys - {None})
        names = sorted((person.get_username(), str(person.pk)) for person in people)
        found = [(key, name) for name, key in names[:MAX_NAMED_PEOPLE]]
        return [*found, (NOBODY, _("Unknown"))] if None in keys else found

    def has_output(self) -> bool:
        # A value in the URL shows the filter, even if that person accepted no risk.
        return bool(self.lookup_choices) or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Origin]") -> QuerySet[Model]:
        key = self.value()
        if key is None:
            return queryset
        if key == NOBODY:
            return accepted_entries(queryset).filter(accepter=None)
        return accepted_entries(queryset).filter(accepter=key) if is_key(key) else queryset.none()


def chosen_conditions(value: str | None) -> list[str]:
    """Return the conditions in a value of the URL, without duplicates."""
    return [] if value is None else list(dict.fromkeys(value.split(",")))
