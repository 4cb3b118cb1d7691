"""Move the counter when a row is saved or deleted, even without save() (loaddata).

It also logs emergencies.
"""

from django.apps import apps
from django.apps.registry import Apps
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from corsadmin.models import Emergency, Generation, PolicyRow, Tenant, generation
from corsadmin.models.emergency_log import log_deleted, log_saved


def connect_receivers(registry: Apps = apps) -> None:
    """Listen to the policy models and to a site's proxies of them, which send their own signals."""
    for model in registry.get_models():
        if issubclass(model, PolicyRow):
            name = model._meta.label  # noqa: SLF001 (Django's documented name)
            post_save.connect(saved, sender=model, dispatch_uid=f"corsadmin.saved.{name}")
            post_delete.connect(deleted, sender=model, dispatch_uid=f"corsadmin.deleted.{name}")
            if issubclass(model, Emergency):
                post_save.connect(log_saved, sender=model, dispatch_uid=f"corsadmin.on.{name}")
                post_delete.connect(log_deleted, sender=model, dispatch_uid=f"corsadmin.off.{name}")
    post_save.connect(replaced, sender=Generation, dispatch_uid="corsadmin.replaced")


def saved(instance: Model, using: str, raw: bool, **_kwargs: object) -> None:  # noqa: FBT001
    """Touch the tenant of a saved row; a raw row (from a fixture) may have had another tenant."""
    with generation.change(using) as change:
        change.touch(None if raw else _tenant_key(instance))


def deleted(instance: Model, using: str, **_kwargs: object) -> None:
    """Touch the tenant of a deleted row; every process must drop a deleted tenant."""
    with generation.change(using) as change:
        if isinstance(instance, Tenant):
            change.remove(instance.pk)
        else:
            change.touch(_tenant_key(instance))


def replaced(using: str, raw: bool, **_kwargs: object) -> None:  # noqa: FBT001
    """Restart the counter after a fixture has brought another database's, or an older one."""
    if raw:
        generation.restart(using)


def _tenant_key(instance: Model) -> int | None:
    key: int | None = instance.pk if isinstance(instance, Tenant) else instance.tenant_id  # type: ignore[attr-defined]
    return key
