"""Read this app's settings, late and with their defaults."""

from dataclasses import dataclass, fields
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import router

SETTING: Final = "CORSADMIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The `CORSADMIN` dict, complete. Field names are its keys in lower case.

    `refresh_seconds` 0 means no thread: every request compares the counter itself.
    `max_stale_seconds` None means for ever. `database` blank means the alias that Django's
    routers name for writing policies. `push` is "auto", "off" or a Redis URL.
    """

    tenant_resolver: str = "corsadmin.tenants.by_host"
    tenant_base_domain: str = ""
    tenant_path_prefix: str = "/"
    tenant_header: str = "X-Tenant"
    refresh_seconds: float = 1.0
    max_stale_seconds: float | None = 3600.0
    push: str = "auto"
    database: str = ""


_DEFAULTS: Final[dict[str, Any]] = {field.name.upper(): field.default for field in fields(Config)}
KEYS: Final = frozenset(_DEFAULTS)


def config() -> Config:
    """Return the settings as they are now. What is wrong in them is left to the system checks."""
    given = getattr(settings, SETTING, None)
    if not isinstance(given, dict):
        return Config()
    return Config(**{key.lower(): value for key, value in given.items() if key in KEYS})


def setting(key: str) -> Any:
    """Return one key of the settings, cheaply enough for the request path."""
    given = getattr(settings, SETTING, None)
    return given[key] if isinstance(given, dict) and key in given else _DEFAULTS[key]


def alias_for_writing() -> str:
    """Return the alias of the database that holds the policies."""
    return config().database or router.db_for_write(apps.get_model("corsadmin", "Tenant"))
