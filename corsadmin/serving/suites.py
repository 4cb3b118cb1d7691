"""Follow a project's test suite: the tables that it flushes, the settings that it overrides."""

from typing import Final

from django.apps import apps as installed
from django.apps.registry import Apps
from django.core.signals import setting_changed
from django.db import router
from django.db.models import Model
from django.db.models.signals import post_migrate

from corsadmin.conf import SETTING, config, remember_the_project
from corsadmin.engine import PLATFORM
from corsadmin.models import Generation, Move, Tenant
from corsadmin.serving.store import process_store

_WRITTEN: Final = (Tenant, Generation, Move)


def connect() -> None:
    """Remember the settings before any test; listen for flushes and overridden settings."""
    remember_the_project()
    sender = installed.get_app_config("corsadmin")
    post_migrate.connect(make_platform, sender=sender, dispatch_uid="corsadmin.make_platform")
    setting_changed.connect(stop_refresher, dispatch_uid="corsadmin.stop_refresher")


def make_platform(using: str, apps: Apps = installed, **_kwargs: object) -> None:
    """Create the platform again after a flush, and if tests run without migrations.

    Otherwise a migration creates it. Does nothing in a database without the policies' tables, or
    with tables of another version.
    """
    if not router.allow_migrate_model(using, Tenant):
        return
    if any(_columns(apps, model) != _columns(installed, model) for model in _WRITTEN):
        return
    tenants = Tenant.objects.using(using)
    if not tenants.filter(slug=PLATFORM).exists():
        # Another process may be about to create it too.
        tenants.bulk_create([Tenant(slug=PLATFORM, name="Platform")], ignore_conflicts=True)


def stop_refresher(setting: str, **_kwargs: object) -> None:
    """Stop the thread that a test has asked for once the test's setting is undone.

    Its connection would keep the test database from being dropped.
    """
    if setting == SETTING and not config().refresh_seconds:
        process_store.close()


def _columns(apps: Apps, model: type[Model]) -> set[str]:
    """Return the columns that a model has in the state that migrations have reached."""
    try:
        found = apps.get_model(model._meta.label)  # noqa: SLF001 (Django's documented name)
    except LookupError:
        return set()
    return {field.column for field in found._meta.concrete_fields}  # noqa: SLF001
