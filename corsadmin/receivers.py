"""Move the counter when a row is saved or deleted, also where save() was passed by (loaddata)."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from corsadmin import generation
from corsadmin.models import Origin, PathRule, Tenant, TenantHost


def connect() -> None:
    """Listen to the policy models."""
    for model in (Tenant, TenantHost, PathRule, Origin):
        name = model._meta.label  # noqa: SLF001 (Django's documented name)
        post_save.connect(saved, sender=model, dispatch_uid=f"corsadmin.saved.{name}")
        post_delete.connect(deleted, sender=model, dispatch_uid=f"corsadmin.deleted.{name}")


def saved(instance: Model, using: str, raw: bool, **_kwargs: Any) -> None:  # noqa: FBT001
    """Touch the tenant of a saved row; a raw row (a fixture) may have come from any tenant."""
    with generation.change(using) as change:
        change.touch(None if raw else _tenant_key(instance))


def deleted(instance: Model, using: str, **_kwargs: Any) -> None:
    """Touch the tenant of a deleted row; a deleted tenant must be dropped by everybody."""
    with generation.change(using) as change:
        change.touch(None if isinstance(instance, Tenant) else _tenant_key(instance))


def _tenant_key(instance: Model) -> int | None:
    key: int | None = instance.pk if isinstance(instance, Tenant) else instance.tenant_id  # type: ignore[attr-defined]
    return key
