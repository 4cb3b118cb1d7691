"""Read this app's settings, late (docs/decisions/late-settings.md) and with their defaults."""

import sys
from dataclasses import dataclass, fields, replace
from inspect import getmro, isclass
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

SETTING: Final = "CORSADMIN"
PUSH_SCHEMES: Final = ("redis://", "rediss://", "unix://", "valkey://", "valkeys://")
_NOT_INSTALLED: Final = (
    "corsadmin is in use (is its middleware in MIDDLEWARE?), but 'corsadmin' is not in "
    "INSTALLED_APPS. Add 'corsadmin' and 'simple_history' to INSTALLED_APPS and run manage.py "
    "migrate, or remove the middleware."
)


def require_app() -> None:
    """Raise ImproperlyConfigured where the middleware is imported without the app.

    No system check can report this, because the checks belong to the app. A server imports the
    middleware when it starts; without this check the models would fail with an error that does not
    name the setting.
    """
    if apps.ready and not apps.is_installed("corsadmin"):
        raise ImproperlyConfigured(_NOT_INSTALLED)


require_app()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The `CORSADMIN` dict, complete. Field names are its keys in lower case.

    `refresh_seconds` 0 means no thread: every request compares the counter itself.
    `max_stale_seconds` None sets no limit. `database` blank means the alias that Django's routers
    name for writing policies. `push` is "auto", "off" or a Redis URL. `probe_private_addresses`
    lets the admin probe servers of the local network too. `sightings` turns the recording of what
    callers do on or off.
    """

    tenant_resolver: str = "corsadmin.tenants.by_host"
    tenant_base_domain: str = ""
    tenant_path_prefix: str = "/"
    tenant_header: str = "X-Tenant"
    refresh_seconds: float = 1.0
    max_stale_seconds: float | None = 3600.0
    push: str = "auto"
    database: str = ""
    probe_private_addresses: bool = False
    sightings: bool = True


_DEFAULTS: Final[dict[str, Any]] = {field.name.upper(): field.default for field in fields(Config)}
KEYS: Final = frozenset(_DEFAULTS)

_of_the_project: Config | None = None


def written_config() -> Config:
    """Return the settings as written. They may be wrong: the system checks report that."""
    given = getattr(settings, SETTING, None)
    if not isinstance(given, dict):
        return Config()
    return Config(**{key.lower(): value for key, value in given.items() if key in KEYS})


def config() -> Config:
    """Return the settings in force.

    These are the written settings, except that `refresh_seconds` is 0 while the project's tests
    run. A test that sets a value other than the project's gets that value.
    """
    found = written_config()
    project = _of_the_project or Config()
    if found.refresh_seconds == project.refresh_seconds and in_test_environment():
        return replace(found, refresh_seconds=0.0)
    return found


def remember_the_project() -> None:
    """Remember the project's settings, to tell them from those that one of its tests sets.

    Only the first call counts: Django makes its apps ready again when a test overrides
    INSTALLED_APPS.
    """
    global _of_the_project  # noqa: PLW0603 (once, when Django has started)
    if _of_the_project is None:
        _of_the_project = written_config()


def in_test_environment() -> bool:
    """Report whether Django's `setup_test_environment()` has been called: a project's tests run.

    Every test runner calls it before the first test database is made, and undoes it after the last
    one is dropped.
    """
    # Looked up, not imported: only tests need the module. Django itself checks in this way.
    module = sys.modules.get("django.test.utils")
    return hasattr(getattr(module, "_TestState", None), "saved_data")


def setting(key: str) -> str:
    """Return a setting whose value is a string, cheaply enough for the request path."""
    given = getattr(settings, SETTING, None)
    text: str = given[key] if isinstance(given, dict) and key in given else _DEFAULTS[key]
    return text


def middleware_places(wanted: str) -> list[int]:
    """Return where MIDDLEWARE names a class, given by its dotted path, or a subclass of it."""
    return [place for place, name in enumerate(settings.MIDDLEWARE) if _is(name, wanted)]


def _is(name: str, wanted: str) -> bool:
    if name == wanted:
        return True
    try:
        found = import_string(name)
    except Exception:  # noqa: BLE001 (a site's module may raise anything; Django will show it)
        return False
    bases = getmro(found) if isclass(found) else ()
    return wanted in {f"{base.__module__}.{base.__qualname__}" for base in bases}
