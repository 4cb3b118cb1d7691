"""Choose whether and how the middleware records what callers do."""

from typing import Final

from django.http import HttpRequest

from corsadmin.conf import config
from corsadmin.serving.request import cors_request
from corsadmin.sightings.process import process_sightings
from corsadmin.sightings.ring import Recorder, process_ring
from corsadmin.tenants import accepted_host

# These resolvers do not find the tenant by host, so a host without a tenant means nothing.
_NOT_BY_HOST: Final = frozenset({"by_path", "by_header", "single"})


def recorder() -> Recorder | None:
    """Return the recorder of this process, or None if SIGHTINGS is off."""
    settings = config()
    if not settings.sightings:
        return None
    process_sightings.want()
    by_host = settings.tenant_resolver.removeprefix("corsadmin.tenants.") not in _NOT_BY_HOST
    return Recorder(process_ring, _valid_host if by_host else _no_host, _is_own)


def _is_own(request: HttpRequest) -> bool:
    try:
        return cors_request(request).is_from_own_site
    except Exception:  # noqa: BLE001 (as below: a request may have neither a host nor a server's name)
        return False


def _valid_host(request: HttpRequest) -> str:
    try:
        return accepted_host(request)
    except Exception:  # noqa: BLE001 (an error that the resolver met too must not cost the response)
        return ""


def _no_host(_request: HttpRequest) -> str:
    return ""
