"""The interface that pages and actions expect of their model admin."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.forms import Media
from django.http import HttpRequest

from corsadmin.models.rows import PolicyRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models.options import Options


class PolicyModelAdmin(Protocol):
    """A model admin for rows of tenants, such as `PolicyAdmin`."""

    admin_site: AdminSite
    model: type[PolicyRow]
    opts: "Options[Model]"
    # The path from a row to its tenant, and the field that switches a row on and off.
    tenant_field: str
    switch: str

    @property
    def media(self) -> Media:
        """The style sheets and scripts of the pages."""

    def get_object(self, request: HttpRequest, object_id: str, /) -> Any:
        """Return the row with a key, or None if the user may not see it."""

    def message_user(self, request: HttpRequest, message: str, level: int, /) -> None:
        """Show a message on the next page."""

    def log_addition(self, request: HttpRequest, obj: Model, message: object, /) -> LogEntry:
        """Add a new row to the user's recent actions."""

    def log_change(self, request: HttpRequest, obj: Model, message: object, /) -> LogEntry:
        """Add a change to the user's recent actions."""

    def tell_risks(self, request: HttpRequest, rows: "Iterable[object]", /) -> None:
        """After a save, warn about the risks of the rows that it put in force."""

    def may_read(self, request: HttpRequest, name: str, /) -> bool:
        """Report whether the user may read a column or a field."""

    def acting(
        self, request: HttpRequest, reason: str | None = None, /
    ) -> AbstractContextManager[None]:
        """Record the user in the history of all writes inside, then tell them the effect."""

    def one_change(self) -> AbstractContextManager[object]:
        """Return a context in which all writes count as one change."""

    def one_judgment(self, request: HttpRequest, /) -> AbstractContextManager[object]:
        """Keep other changes out from the judgment of a submitted form until it is carried out."""
