"""Find the tenants that a table names, among those that its user sees."""

from collections.abc import Iterable
from typing import Final

from django.db.models import QuerySet

from corsadmin.engine.hosts import check_slug
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import Access
from corsadmin.models.database import alias_for_writing
from corsadmin.transfer.formats.columns import TENANT_COLUMN
from corsadmin.transfer.records.diagnostics import Fault, fault, fault_of, file_value

_AT: Final = (TENANT_COLUMN, None)
_MAX_NAME: Final = 200  # characters of a tenant's name


class TenantNames:
    """Maps texts to slugs: a slug to itself, and a name to the only tenant that has it."""

    def __init__(self, access: Access | None) -> None:
        """`access` is what the user may do, None for everything."""
        tenants = Tenant.objects.using(alias_for_writing())
        self._seen = access.limit(tenants, field="pk") if access else tenants
        self._open = _open_to(access, self._seen) if access else None
        self._slugs: dict[str, list[str]] = {}
        self._closed: set[str] = set()
        self._suggested: set[str] = set()

    def learn(self, texts: Iterable[str]) -> None:
        """Look up the texts that are not known yet, all at once."""
        new = {text for text in texts if text not in self._slugs and _may_be_named(text)}
        if not new:
            return
        suggested = {problem.suggestion for text in new if (problem := check_slug(text))}
        slugs = set(self._seen.filter(slug__in=new | suggested).values_list("slug", flat=True))
        self._suggested |= slugs & suggested
        self._slugs |= {text: [text] if text in slugs else [] for text in new}
        others = new - slugs
        named = self._seen.filter(name__in=others) if others else self._seen.none()
        for name, slug in named.values_list("name", "slug"):
            self._slugs[name].append(slug)
        if self._open is not None:
            found = {slug for text in new for slug in self._slugs[text]}
            may = self._open.filter(slug__in=found).values_list("slug", flat=True)
            self._closed |= found - set(may)

    def find(self, text: str, place: str) -> tuple[str, tuple[Fault, ...]]:
        """Return the slug that a learned text means, or the text itself and a fault.

        `place` is the place of the row.
        """
        found = self._slugs.get(text, [])
        slug = found[0] if len(found) == 1 else ""
        if slug and slug not in self._closed:
            return slug, ()
        place = f"{place}, {TENANT_COLUMN}"
        if slug:
            said = fault(place, "not-permitted", f"change the tenant {slug}", at=_AT)
        elif found:
            said = fault(place, "tenant-name-shared", file_value(text), at=_AT)
        else:
            said = self._unknown(text, place)
        return text, (said,)

    def _unknown(self, text: str, place: str) -> Fault:
        problem = check_slug(text)
        if problem and (not text or problem.suggestion in self._suggested):
            return fault_of(problem, place, _AT)
        return fault(place, "tenant-unknown", file_value(text), at=_AT)


def _open_to(access: Access, tenants: QuerySet[Tenant]) -> QuerySet[Tenant]:
    """Return the tenants in which a user may add or change origins. Later, each row is checked too."""
    added, changed = (
        access.limit(tenants, action, field="pk", model=Origin) for action in ("add", "change")
    )
    return added | changed


def _may_be_named(text: str) -> bool:
    # Databases reject NUL and lone surrogates, even in a query.
    return 0 < len(text) <= _MAX_NAME and text.isprintable()
