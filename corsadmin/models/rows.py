"""The base of every policy row: it keeps a history, and each write moves the counter."""

from functools import cache
from typing import Any, ClassVar, TypeAlias

from django.db import models, router
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from corsadmin.models import generation
from corsadmin.models.change_reason import given_reason
from corsadmin.models.querysets import PolicyQuerySet


class StoredVersions(HistoryManager):  # type: ignore[misc] # it has no types
    """Reads and writes the versions of rows, with one class for each class of querysets."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type[Any], class_name: str | None = None) -> type[Any]:
        """Return the manager class; django-simple-history asks for it at each use of `history`."""
        built: type[Any] = super().from_queryset(queryset_class, class_name)
        return built


class History(HistoricalRecords):  # type: ignore[misc] # it has no types
    """Keeps each version of a row, with who wrote it and why."""

    # Ignores the site's SIMPLE_HISTORY_DATE_INDEX, which would make the site write migrations for
    # this app. All queries want the history of one tenant or row; an index of dates would lead the
    # database through the history of all.
    _date_indexing = False

    def __init__(self, **kwargs: object) -> None:
        reason = models.TextField(null=True)
        super().__init__(
            history_change_reason_field=reason, history_manager=StoredVersions, **kwargs
        )

    def get_change_reason_for_object(
        self, instance: object, history_type: str, using: str
    ) -> object:
        """Return the reason that was given with the row or the request."""
        given = super().get_change_reason_for_object(instance, history_type, using)
        return given or given_reason(instance)

    def create_historical_record(
        self, instance: Any, history_type: str, using: str | None = None
    ) -> None:
        """Keep a version of a row; all versions that one change writes have the same moment."""
        moment = generation.moment_of_change(using)
        if moment is None or hasattr(instance, "_history_date"):
            super().create_historical_record(instance, history_type, using=using)
            return
        instance._history_date = moment  # noqa: SLF001 (its documented name)
        try:
            super().create_historical_record(instance, history_type, using=using)
        finally:
            del instance._history_date  # noqa: SLF001 (its documented name)


# django-simple-history has no types. A version has the columns of its row, and those of the history.
RowVersion: TypeAlias = Any
RowVersions: TypeAlias = models.QuerySet[RowVersion]


class PolicyRow(models.Model):
    """A row of a policy: writing it moves the counter."""

    created = models.DateTimeField(_("created"), auto_now_add=True)
    modified = models.DateTimeField(_("modified"), auto_now=True)

    objects: ClassVar = PolicyQuerySet["PolicyRow"].as_manager()
    history: ClassVar[Any]  # the manager of its versions

    class Meta:
        abstract = True
        # Otherwise `tenant.origins.add(row)` would write with a plain queryset, unnoticed.
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row and move the counter in one transaction."""
        alias = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with generation.change(alias) as change:
            change.touch(*self._stored_tenants(alias))
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row and move the counter in one transaction."""
        alias = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with generation.change(alias):
            return super().delete(*args, **kwargs)

    def _stored_tenants(self, alias: str) -> list[int]:
        # A row may move to another tenant: the tenant that loses it must be touched too.
        if self.pk is None:
            return []
        rows = type(self)._base_manager.using(alias)  # noqa: SLF001 (Django's documented name)
        return list(rows.filter(pk=self.pk).values_list(PolicyQuerySet.tenant_field, flat=True))
