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
    "INSTALLED_APPS. Add 'corsadmin' and 'simple_history' to INSTALLED_APPS and run "
    "manage.py migrate, or take the middleware out."
)


def require_app() -> None:
    """Raise ImproperlyConfigured where the middleware is imported without the app.

    No system check can say it: the checks are the app's own. A server imports the middleware when
    it starts. Without this, the models would fail, and not name the setting.
    """
    if apps.ready and not apps.is_installed("corsadmin"):
        raise ImproperlyConfigured(_NOT_INSTALLED)


require_app()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The `CORSADMIN` dict, complete. Field names are its keys in lower case.

    `refresh_seconds` 0 means no thread: every request compares the counter itself.
    `max_stale_seconds` None sets no limit. `database` blank means the alias that Django's
    routers name for writing policies. `push` is "auto", "off" or a Redis URL.
    `probe_private_addresses` lets the admin ask servers of the local network too. `sightings` says
    whether what callers do is recorded.
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
    """Return the settings as they are written. What is wrong in them is left to the system checks."""
    given = getattr(settings, SETTING, None)
    if not isinstance(given, dict):
        return Config()
    return Config(**{key.lower(): value for key, value in given.items() if key in KEYS})


def config() -> Config:
    """Return the settings in force.

    They are those that are written, except that `refresh_seconds` is 0 while the project's tests
    run. A test that sets another value than the project gets it.
    """
    found = written_config()
    project = _of_the_project or Config()
    if found.refresh_seconds == project.refresh_seconds and in_test_environment():
        return replace(found, refresh_seconds=0.0)
    return found


def remember_the_project() -> None:
    """Take note of what the project has set, to tell it from what one of its tests sets.

    Only the first time: Django makes its apps ready again where a test overrides INSTALLED_APPS.
    """
    global _of_the_project  # noqa: PLW0603 (once, when Django has started)
    if _of_the_project is None:
        _of_the_project = written_config()


def in_test_environment() -> bool:
    """Report whether Django's `setup_test_environment()` has been called: a project's tests run.

    Every test runner calls it before the first test database is made, and undoes it after the last
    one is dropped.
    """
    # Looked up, not imported: outside tests nobody needs the module. Django asks itself like this.
    module = sys.modules.get("django.test.utils")
    return hasattr(getattr(module, "_TestState", None), "saved_data")


def setting(key: str) -> str:
    """Return a text of the settings, cheaply enough for the request path."""
    given = getattr(settings, SETTING, None)
    text: str = given[key] if isinstance(given, dict) and key in given else _DEFAULTS[key]
    return text


def middleware_places(wanted: str) -> list[int]:
    """Return where in MIDDLEWARE a class or a subclass of it is, both by their dotted paths."""
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
