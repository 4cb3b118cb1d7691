"""Check the CORSADMIN dict: its keys, and the type and range of each value."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib.util import find_spec
from inspect import iscoroutinefunction, signature
from math import isfinite
from typing import Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 (Django's name)
from django.db import connections
from django.utils.module_loading import import_string

from corsadmin.conf import KEYS, PUSH_SCHEMES, SETTING, written_config
from corsadmin.engine.headers import is_token
from corsadmin.engine.hosts import check_host
from corsadmin.engine.paths import check_path
from corsadmin.messages import describe

# A preflight carries neither, so it and its request could never name the same tenant.
_NOT_IN_PREFLIGHTS: Final = frozenset({"authorization", "cookie"})


def check_settings(**_kwargs: object) -> list[CheckMessage]:
    """Check every key of the dict and its value."""
    given = getattr(settings, SETTING, None)
    if given is None:
        return []
    if not isinstance(given, dict):
        return [
            Error(
                f"{SETTING} is not a dict but {given!r:.100}; the defaults apply.",
                hint=f'Write {SETTING} = {{"REFRESH_SECONDS": 1.0}}, for example.',
                id="corsadmin.E010",
            )
        ]
    found = [_unknown(key) for key in given if key not in KEYS]
    for check in _CHECKS:
        found.extend(check())
    return found


def check_trusted_header(**_kwargs: object) -> list[CheckMessage]:
    """Warn on deployment if a request header chooses the tenant."""
    if written_config().tenant_resolver != "corsadmin.tenants.by_header":
        return []
    return [
        Warning(
            f"The request header {written_config().tenant_header} chooses the tenant: anyone who can "
            "send it to this server chooses whose origins are allowed.",
            hint="Let the gateway in front set or remove the header on every request, then "
            "silence this check.",
            id="corsadmin.W004",
        )
    ]


def check_private_addresses(**_kwargs: object) -> list[CheckMessage]:
    """Warn on deployment if staff can make this server probe its own network."""
    if written_config().probe_private_addresses is not True:
        return []
    return [
        Warning(
            f"{SETTING}['PROBE_PRIVATE_ADDRESSES'] is True: in the admin, staff with the permission "
            "corsadmin.probe_servers can make this server send requests to its own network.",
            hint="Remove the key, or silence this check if the network has nothing to protect.",
            id="corsadmin.W012",
        )
    ]


def _unknown(key: object) -> CheckMessage:
    close = get_close_matches(str(key).upper(), sorted(KEYS), n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"The keys are {', '.join(sorted(KEYS))}."
    return Error(f"{SETTING} has an unknown key: {key!r:.100}.", hint=hint, id="corsadmin.E011")


def _wrong(key: str, wanted: str, check_id: str) -> CheckMessage:
    value = getattr(written_config(), key.lower())
    return Error(
        f"{SETTING}[{key!r}] is {value!r:.200}.", hint=f"It must be {wanted}.", id=check_id
    )


def _check_resolver() -> Iterator[CheckMessage]:
    name = written_config().tenant_resolver
    try:
        found = import_string(name)
    except Exception as error:  # noqa: BLE001 (a site's module may raise anything)
        yield Error(
            f"{SETTING}['TENANT_RESOLVER'] cannot be imported: {name!r:.200} ({error!r:.200}).",
            hint="Write the dotted path of a callable, such as 'corsadmin.tenants.by_host'.",
            id="corsadmin.E012",
        )
        return
    if not _takes_two(found):
        yield _wrong(
            "TENANT_RESOLVER", "a callable that takes a request and the policies", "corsadmin.E013"
        )
    elif iscoroutinefunction(found) or iscoroutinefunction(found.__call__):
        yield _wrong(
            "TENANT_RESOLVER",
            "a plain function: it looks at the request only, so there is nothing to await",
            "corsadmin.E014",
        )


def _takes_two(found: Callable[..., object]) -> bool:
    try:
        signature(found).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def _check_base_domain() -> Iterator[CheckMessage]:
    value: object = written_config().tenant_base_domain
    wanted = ""
    if not isinstance(value, str):
        wanted = "a text such as 'api.example.com'"
    elif not value and written_config().tenant_resolver == "corsadmin.tenants.by_subdomain":
        wanted = "the domain whose subdomains are the tenants, such as 'api.example.com'"
    elif value and (problem := check_host(value)):
        wanted = f"a host name. {describe(problem)}"
    if wanted:
        yield _wrong("TENANT_BASE_DOMAIN", wanted.removesuffix("."), "corsadmin.E015")


def _check_path_prefix() -> Iterator[CheckMessage]:
    value: object = written_config().tenant_path_prefix
    wanted = ""
    if not isinstance(value, str) or not (value.startswith("/") and value.endswith("/")):
        wanted = "a path that begins and ends with a slash, such as '/t/'"
    elif problem := check_path(value):
        wanted = f"a plain path. {describe(problem)}"
    elif "*" in value:
        wanted = "a plain path without a wildcard"
    if wanted:
        yield _wrong("TENANT_PATH_PREFIX", wanted.removesuffix("."), "corsadmin.E016")


def _check_header() -> Iterator[CheckMessage]:
    value: object = written_config().tenant_header
    wanted = ""
    if not isinstance(value, str) or not is_token(value):
        wanted = "the name of a header, such as 'X-Tenant'"
    elif "_" in value:
        wanted = "written with hyphens: servers drop headers with an underscore"
    elif value.lower() in _NOT_IN_PREFLIGHTS:
        wanted = "a header that preflights carry too"
    if wanted:
        yield _wrong("TENANT_HEADER", wanted, "corsadmin.E017")


def _check_refresh() -> Iterator[CheckMessage]:
    value = written_config().refresh_seconds
    if not _is_number(value) or value < 0:
        yield _wrong("REFRESH_SECONDS", "a number of seconds, or 0 for no thread", "corsadmin.E018")


def _check_max_stale() -> Iterator[CheckMessage]:
    value, refresh = written_config().max_stale_seconds, written_config().refresh_seconds
    wanted = ""
    if value is None:
        return
    if not _is_number(value) or value <= 0:
        wanted = "a number of seconds above 0, or None for no limit"
    elif _is_number(refresh) and value < 2 * refresh:
        wanted = "at least twice REFRESH_SECONDS: one late poll of the counter is not an outage"
    if wanted:
        yield _wrong("MAX_STALE_SECONDS", wanted, "corsadmin.E019")


def _check_push() -> Iterator[CheckMessage]:
    value: object = written_config().push
    if value in ("auto", "off"):
        return
    if not isinstance(value, str) or not value.startswith(PUSH_SCHEMES):
        # The value is not shown: a URL may hold a password.
        yield Error(
            f"{SETTING}['PUSH'] is neither 'auto' nor 'off' nor a Redis URL.",
            hint=f"A Redis URL begins with {', '.join(PUSH_SCHEMES)}.",
            id="corsadmin.E020",
        )
    elif find_spec("redis") is None:
        yield Error(
            f"{SETTING}['PUSH'] names a Redis server, but the package redis is not installed.",
            hint="Install it: pip install 'corsadmin[redis]'.",
            id="corsadmin.E021",
        )


def _check_database() -> Iterator[CheckMessage]:
    value: object = written_config().database
    if value != "" and value not in list(connections):
        aliases = ", ".join(map(repr, connections))
        yield _wrong("DATABASE", f"blank or an alias of DATABASES: {aliases}", "corsadmin.E022")


def _check_probe() -> Iterator[CheckMessage]:
    value: object = written_config().probe_private_addresses
    if not isinstance(value, bool):
        yield _wrong("PROBE_PRIVATE_ADDRESSES", "True or False", "corsadmin.E025")


def _check_sightings() -> Iterator[CheckMessage]:
    value: object = written_config().sightings
    if not isinstance(value, bool):
        yield _wrong("SIGHTINGS", "True or False", "corsadmin.E026")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


_CHECKS: Final[tuple[Callable[[], Iterator[CheckMessage]], ...]] = (
    _check_resolver,
    _check_base_domain,
    _check_path_prefix,
    _check_header,
    _check_refresh,
    _check_max_stale,
    _check_push,
    _check_database,
    _check_probe,
    _check_sightings,
)
