"""Lists that stay fast with a million rows: bounds for counting, paging, search and actions."""

from functools import cached_property
from typing import Any, ClassVar, Final

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from corsadmin.admin.changelist.empty import EmptyList, empty_list
from corsadmin.admin.changelist.search import search_condition
from corsadmin.admin.keys import is_key

MAX_LISTED_ROWS: Final = 10_000  # rows that the pages of a list can show
MAX_ACTION_ROWS: Final = 5_000  # rows that one action can change before a server's usual time-out
# Django's deletion page posts one field per row, and Django accepts 1,000 fields.
MAX_DELETED_ROWS: Final = 900


class BoundedPaginator(Paginator):
    """Pages of a queryset's first MAX_LISTED_ROWS rows. One query for keys counts and finds them.

    Asked for only fifty rows in the order of an index, a database may scan the whole index to find
    them. Asked for this many, it finds the matching rows first. Deep pages cost no more either.
    """

    object_list: QuerySet[Model]

    @cached_property
    def keys(self) -> list[int]:
        """The keys of the rows in order: at most MAX_LISTED_ROWS, and one more if there are more."""
        return list(self.object_list.values_list("pk", flat=True)[: MAX_LISTED_ROWS + 1])

    @cached_property
    def count(self) -> int:
        """The number of rows that the pages show."""
        return min(len(self.keys), MAX_LISTED_ROWS)

    @property
    def has_more(self) -> bool:
        """Report whether there are rows that no page shows."""
        return len(self.keys) > MAX_LISTED_ROWS

    def page_keys(self, number: int) -> list[int]:
        """Return the keys of one page."""
        first = (number - 1) * self.per_page
        return self.keys[first : min(first + self.per_page, MAX_LISTED_ROWS)]

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        rows = self.object_list.filter(pk__in=self.page_keys(number))
        return Page(rows, number, self)


class BoundedList(ChangeList):
    """A list that says so when it does not show every row."""

    paginator: BoundedPaginator
    empty: EmptyList | None = None

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (OverflowError, ValueError) as error:
            # No database can store it: a year with thirty digits, or one before year 1.
            raise IncorrectLookupParameters from error
        whole = not self.multi_page or (self.show_all and self.can_show_all)
        pages = self.paginator
        keys = pages.keys[:MAX_LISTED_ROWS] if whole else pages.page_keys(self.page_num)
        # By keys alone: the search has found each row already and need not run again.
        rows = self.root_queryset.filter(pk__in=keys)
        self.result_list = rows.order_by(*self.get_ordering(request, rows))
        if not keys:
            self.empty = empty_list(request, self)

    @cached_property
    def labels(self) -> dict[str, object]:
        """The labels of the columns, by the names in the CSS classes of their cells."""
        return {
            getattr(name, "__name__", str(name)): label_for_field(
                name, self.model, self.model_admin
            )
            for name in self.list_display
        }

    @cached_property
    def unlisted(self) -> Promise | str:
        """A sentence about the rows that no page shows, blank if there are none."""
        if not self.paginator.has_more:
            return ""
        numbers = {"most": number_format(MAX_LISTED_ROWS, use_l10n=True, force_grouping=True)}
        total = None if self.queryset.query.where else estimated(self.queryset)
        if total is None:
            return _(
                "There are more than %(most)s rows. The list shows the first %(most)s: search or "
                "filter to find others."
            ) % numbers  # fmt: skip
        numbers["total"] = number_format(total, use_l10n=True, force_grouping=True)
        return (
            _(
                "There are about %(total)s rows. The list shows the first %(most)s: search or "
                "filter to find others."
            )
            % numbers
        )


class BoundedLists(SimpleHistoryAdmin):  # type: ignore[misc] # it has no types
    """Screens whose lists are bounded."""

    # Shown where the list has no rows at all.
    first_step: ClassVar[str | Promise] = ""

    list_per_page = 50
    paginator = BoundedPaginator
    # A second count of a million rows would take about a second.
    show_full_result_count = False
    # With facets, one link counts a million rows for every choice of every filter, which can keep
    # the database busy for half an hour.
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return BoundedList

    def get_search_fields(self, request: HttpRequest) -> Any:
        if _is_forged(request):
            raise PermissionDenied
        return super().get_search_fields(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        names = self.get_search_fields(request)
        return queryset.filter(search_condition(queryset, names, search_term)), False

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Model], **kwargs: object
    ) -> HttpResponse | None:
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest  # no page sends such keys, and the database would raise an error
        deletes = "delete_selected" in request.POST.getlist("action")
        most = MAX_DELETED_ROWS if deletes else MAX_ACTION_ROWS
        if request.POST.get("select_across") == "1" and is_long(queryset, most):
            refusal = _(
                "More than %(most)s rows are selected: too many for one action. Narrow the list "
                "with a search or a filter, or use a file: cors_export, then cors_import."
            )
            number = number_format(most, use_l10n=True, force_grouping=True)
            self.message_user(request, refusal % {"most": number}, messages.ERROR)
            return None
        return super().response_action(  # type: ignore[no-any-return]
            request, queryset, **kwargs
        )


def _is_forged(request: HttpRequest) -> bool:
    """Report whether an autocomplete request names a reverse relation instead of a field.

    No form sends such a request, and Django's view would crash on it.
    """
    match = request.resolver_match
    if match is None or match.url_name != "autocomplete":
        return False
    asked = request.GET
    model = apps.get_model(asked["app_label"], asked["model_name"])
    return not model._meta.get_field(asked["field_name"]).concrete


def is_long(rows: QuerySet[Model], most: int) -> bool:
    """Report whether there are more than `most` rows, without counting all of them."""
    return len(rows.order_by().values_list("pk")[: most + 1]) > most


def estimated(rows: QuerySet[Model]) -> int | None:
    """Return the approximate number of rows of a large table, or None if it is unknown."""
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(_table(rows.model))
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        number: int = cursor.fetchone()[0]
    return number if number > MAX_LISTED_ROWS else None  # the table has grown since ANALYZE


def _table(model: type[Model]) -> str:
    return model._meta.db_table
