"""Say which tenant a request belongs to, from what a preflight carries: its host or its path.

A resolver is a callable `(request, snapshot) -> Policy | None`. It may look at the host, the path
and a header that a gateway sets, never at cookies, tokens or query strings, which a preflight does
not carry. None means: no tenant, so no CORS headers. A resolver that reads request headers has a
`vary` attribute: a callable that returns their names.
"""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.module_loading import import_string

from corsadmin.conf import config, setting
from corsadmin.engine import Policy, Snapshot
from corsadmin.engine.hosts import MAX_HOST_LENGTH

Resolver = Callable[[HttpRequest, Snapshot], Policy | None]

# What Django takes for a host name; see django.http.request.host_validation_re.
_PLAIN: Final = "abcdefghijklmnopqrstuvwxyz0123456789.-"


class HostCheck:
    """Names the host of a request once Django has accepted it, remembering the accepted ones.

    `get_host()` costs microseconds and the same hosts come again and again. The memory is bounded.
    It is for the Host header alone: with USE_X_FORWARDED_HOST nothing is remembered.
    """

    LIMIT: Final = 100_000

    def __init__(self) -> None:
        self.accepted: set[str] = set()  # in lower case, without port and trailing dot
        self._endings: tuple[str, ...] | None = None

    def __call__(self, request: HttpRequest) -> str:
        """Return the host in lower case, without port and trailing dot; blank where refused."""
        host: str = request.META.get("HTTP_HOST", "")
        if ":" in host:
            host, _, port = host.partition(":")
            if not (port.isdecimal() and port.isascii()):
                host = ""
        return host if host in self.accepted else self._check(request, host)

    def is_below(self, host: str) -> bool:
        """Report whether a host is plain and below a wildcard of ALLOWED_HOSTS.

        What Django would find too, and cheaper than a large set of hosts among which none is hot.
        """
        endings = self._endings
        if endings is None:
            endings = self._endings = _endings()
        return host.endswith(endings) and host[-1:] not in {"", "."} and not host.strip(_PLAIN)

    def forget(self, **_kwargs: Any) -> None:
        """Forget what was accepted, because a setting has changed (in tests)."""
        self.accepted = set()
        self._endings = None

    def _check(self, request: HttpRequest, plain: str) -> str:
        try:
            host, _port = split_domain_port(request.get_host())
        except DisallowedHost:
            return ""
        # Django accepts names of any length below a wildcard in ALLOWED_HOSTS; DNS knows no such.
        memorable = host == plain and len(host) <= MAX_HOST_LENGTH
        if memorable and not settings.USE_X_FORWARDED_HOST:
            if len(self.accepted) >= self.LIMIT:
                self.accepted = set()
            self.accepted.add(host)
        return host


def _endings() -> tuple[str, ...]:
    if settings.USE_X_FORWARDED_HOST:
        return ()
    allowed = settings.ALLOWED_HOSTS
    return tuple(
        "" if pattern == "*" else pattern.lower()
        for pattern in allowed
        if pattern == "*" or pattern.startswith(".")
    )


accepted_host = HostCheck()
setting_changed.connect(accepted_host.forget, dispatch_uid="corsadmin.accepted_host")


def by_host(request: HttpRequest, snapshot: Snapshot) -> Policy | None:
    """Return the tenant that owns the request's host."""
    host = request.META.get("HTTP_HOST", "")
    policy = snapshot.policy_of_host(host)
    # The usual cases with few calls: this is the hot path.
    if policy is not None and (
        host in accepted_host.accepted if policy.kept else accepted_host.is_below(host)
    ):
        return policy
    host = accepted_host(request)
    # A row that passed the gate by may be blank, and would be found.
    return snapshot.policy_of_host(host) if host else None


def by_subdomain(request: HttpRequest, snapshot: Snapshot) -> Policy | None:
    """Return the tenant whose slug is the one label before TENANT_BASE_DOMAIN."""
    slug, _, base = accepted_host(request).partition(".")
    return snapshot.policy(slug) if base and base == setting("TENANT_BASE_DOMAIN") else None


def by_path(request: HttpRequest, snapshot: Snapshot) -> Policy | None:
    """Return the tenant whose slug follows TENANT_PATH_PREFIX in the path."""
    prefix = setting("TENANT_PATH_PREFIX")
    path = request.path_info
    if not path.startswith(prefix) or not accepted_host(request):
        return None
    slug, slash, _ = path[len(prefix) :].partition("/")
    return snapshot.policy(slug) if slash else None


def by_header(request: HttpRequest, snapshot: Snapshot) -> Policy | None:
    """Return the tenant whose slug is in TENANT_HEADER.

    Dangerous unless a gateway in front sets or removes the header on every request: whoever can
    send it chooses the tenant.
    """
    name = "HTTP_" + setting("TENANT_HEADER").upper().replace("-", "_")
    slug = request.META.get(name, "")
    return snapshot.policy(slug) if slug and accepted_host(request) else None


def single(request: HttpRequest, snapshot: Snapshot) -> Policy | None:
    """Return the platform: the site has one policy for all."""
    return snapshot.platform if accepted_host(request) else None


by_header.vary = lambda: (setting("TENANT_HEADER"),)  # type: ignore[attr-defined]


def resolver() -> Resolver:
    """Return the callable that TENANT_RESOLVER names.

    Raises ImproperlyConfigured when it cannot be imported or is not callable.
    """
    name = config().tenant_resolver
    try:
        found = import_string(name)
    except ImportError as error:
        message = f"CORSADMIN['TENANT_RESOLVER']: {name!r} cannot be imported: {error}"
        raise ImproperlyConfigured(message) from error
    if not callable(found):
        message = f"CORSADMIN['TENANT_RESOLVER']: {name!r} is not callable"
        raise ImproperlyConfigured(message)
    return found  # type: ignore[no-any-return]
