"""The links beside a row on its tenant's page: to the row's page and to its replacement."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.replace_origin.views import may_replace, replace_address
from corsadmin.admin.returning import page_address
from corsadmin.models import Origin
from corsadmin.models.access import Access, access


@dataclass(frozen=True)
class RowLinks:
    """A column that Django's admin calls like a function. Its pages lead back to the tenant's page."""

    site: str
    may: Access
    back: str
    # Otherwise a template would call it without a row.
    do_not_call_in_templates = True
    short_description = _("pages")

    @classmethod
    def on(cls, request: HttpRequest, site: str) -> "RowLinks":
        """Return the column for the page that a request is for."""
        return cls(site, access(request), request.get_full_path())

    @property
    def __name__(self) -> str:
        return "row_links"

    def __str__(self) -> str:
        return "row_links"

    def __call__(self, row: Any) -> SafeString:
        links = [] if row.pk is None else self._links(row)
        shown = ((page, text, row) for page, text in links if page)
        return format_html_join(
            " ", '<a href="{}">{}<span class="visually-hidden"> {}</span></a>', shown
        )

    def _links(self, row: Any) -> list[tuple[str, Promise]]:
        links: list[tuple[str, Promise]] = [(page_address(self.site, row, self.back), _("Open"))]
        if isinstance(row, Origin) and may_replace(self.may, row):
            links.append((replace_address(self.site, row, self.back), _("Replace")))
        return links
