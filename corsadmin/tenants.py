"""Find the tenant of a request from what a preflight carries too: the host or the path.

A resolver may read the host, the path and a header that a gateway sets. It must not read cookies or
tokens, which a preflight does not carry, nor query strings.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from django.conf import settings
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.module_loading import import_string

from corsadmin.conf import config, setting
from corsadmin.engine import PLATFORM, TenantPolicy
from corsadmin.engine.hosts import MAX_HOST_LENGTH


class Policies(Protocol):
    """The policies in force, as a resolver sees them."""

    @property
    def platform(self) -> TenantPolicy | None:
        """The policy of the platform."""

    def policy(self, slug: str) -> TenantPolicy | None:
        """Return the policy of the active tenant with this slug, or None if there is none."""

    def policy_of_host(self, host: str) -> TenantPolicy | None:
        """Return the policy of the active tenant that owns a host (lower case, no port)."""


class Resolver(Protocol):
    """Finds the tenant of a request. `vary` names the request headers that it reads."""

    @property
    def vary(self) -> tuple[str, ...]:
        """The names of the request headers that it reads, for Vary."""

    def __call__(self, request: HttpRequest, policies: Policies, /) -> TenantPolicy | None:
        """Return the tenant's policy; None means no tenant, so no CORS headers."""


Find = Callable[[HttpRequest, Policies], TenantPolicy | None]

# What Django takes for a host name; see django.http.request.host_validation_re.
_PLAIN: Final = "abcdefghijklmnopqrstuvwxyz0123456789.-"


class HostCheck:
    """Returns the host of a request if Django accepts it, and remembers the accepted hosts.

    `get_host()` costs microseconds, and the same hosts recur. The memory is bounded, and its key is
    the Host header alone, so with USE_X_FORWARDED_HOST nothing is remembered.
    """

    MAX_ACCEPTED: Final = 100_000
    MAX_BELOW: Final = 1_024

    def __init__(self) -> None:
        self.accepted: set[str] = set()  # in lower case, without port and trailing dot
        # Those below a wildcard of ALLOWED_HOSTS: is_below() is cheaper than a large set of hosts.
        self.below: set[str] = set()
        self._endings: tuple[str, ...] | None = None

    def accept(self, request: HttpRequest) -> str:
        """Return the host in lower case, without port and trailing dot; blank if it is refused."""
        host: str = request.META.get("HTTP_HOST", "")
        if ":" in host:
            host, _, port = host.partition(":")
            if not (port.isdecimal() and port.isascii()):
                host = ""
        if host in self.below or host in self.accepted:
            return host
        return self._remember_below(host) if self.is_below(host) else self._check(request, host)

    def is_below(self, host: str) -> bool:
        """Report whether a host is plain and below a wildcard of ALLOWED_HOSTS.

        Django would accept it too.
        """
        endings = self._endings
        if endings is None:
            endings = self._endings = _endings()
        return host.endswith(endings) and host[-1:] not in {"", "."} and not host.strip(_PLAIN)

    def forget(self, **_kwargs: object) -> None:
        """Forget what was accepted, because a setting has changed (in tests)."""
        self.accepted = set()
        self.below = set()
        self._endings = None

    def _remember_below(self, host: str) -> str:
        # Below a wildcard, Django accepts names of any length; DNS has none longer than this.
        if len(host) <= MAX_HOST_LENGTH:
            if len(self.below) >= self.MAX_BELOW:
                self.below = set()
            self.below.add(host)
        return host

    def _check(self, request: HttpRequest, plain: str) -> str:
        try:
            host, _port = split_domain_port(request.get_host())
        except DisallowedHost:
            return ""
        memorable = host == plain and len(host) <= MAX_HOST_LENGTH
        if memorable and not settings.USE_X_FORWARDED_HOST:
            if len(self.accepted) >= self.MAX_ACCEPTED:
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


host_check: Final = HostCheck()
accepted_host: Final = host_check.accept
setting_changed.connect(host_check.forget, dispatch_uid="corsadmin.accepted_host")


def as_resolver(find: Find) -> Resolver:
    """Return a project's resolver with the interface of Resolver.

    Its `vary` may be missing if it reads no header, or may be a callable that returns the names.
    """
    return cast("Resolver", find) if isinstance(getattr(find, "vary", None), tuple) else _Own(find)


class _Own:
    """A project's resolver that has no `vary`, or whose `vary` is a callable."""

    def __init__(self, find: Find) -> None:
        self._find = find

    @property
    def vary(self) -> tuple[str, ...]:
        return tuple(getattr(self._find, "vary", tuple)())

    def __call__(self, request: HttpRequest, policies: Policies) -> TenantPolicy | None:
        return self._find(request, policies)


def _reads_no_header(find: Find) -> Resolver:
    found: Any = find
    found.vary = ()
    return cast("Resolver", found)


@_reads_no_header
def by_host(request: HttpRequest, policies: Policies) -> TenantPolicy | None:
    """Return the tenant that owns the request's host."""
    host = request.META.get("HTTP_HOST", "")
    if host not in host_check.below and host not in host_check.accepted:
        host = accepted_host(request)
    # A row that bypassed the gate may be blank; a blank host must not find it.
    return policies.policy_of_host(host) if host else None


@_reads_no_header
def by_subdomain(request: HttpRequest, policies: Policies) -> TenantPolicy | None:
    """Return the tenant whose slug is the one label before TENANT_BASE_DOMAIN."""
    slug, _, base = accepted_host(request).partition(".")
    return policies.policy(slug) if base and base == setting("TENANT_BASE_DOMAIN") else None


@_reads_no_header
def by_path(request: HttpRequest, policies: Policies) -> TenantPolicy | None:
    """Return the tenant whose slug follows TENANT_PATH_PREFIX in the path."""
    prefix = setting("TENANT_PATH_PREFIX")
    path = request.path_info
    if not path.startswith(prefix) or not accepted_host(request):
        return None
    slug, slash, _ = path[len(prefix) :].partition("/")
    return policies.policy(slug) if slash else None


class ByHeader:
    """Return the tenant whose slug is in TENANT_HEADER.

    Dangerous unless a gateway in front sets or removes the header on every request: anyone who can
    send it chooses the tenant.
    """

    @property
    def vary(self) -> tuple[str, ...]:
        """The header that the tenant is read from."""
        return (setting("TENANT_HEADER"),)

    def __call__(self, request: HttpRequest, policies: Policies) -> TenantPolicy | None:
        """Return the tenant that the header names."""
        name = "HTTP_" + setting("TENANT_HEADER").upper().replace("-", "_")
        slug = request.META.get(name, "")
        return policies.policy(slug) if slug and accepted_host(request) else None


by_header: Final = ByHeader()


@_reads_no_header
def single(request: HttpRequest, policies: Policies) -> TenantPolicy | None:
    """Return the platform's policy: the site has one policy for all requests."""
    return policies.platform if accepted_host(request) else None


def finds_by_host() -> bool:
    """Report whether TENANT_RESOLVER is `by_host`, so that a tenant needs a host of its own."""
    return config().tenant_resolver == "corsadmin.tenants.by_host"


def is_single() -> bool:
    """Report whether TENANT_RESOLVER is `single`, so that every request is the platform's."""
    return config().tenant_resolver == "corsadmin.tenants.single"


def reach(slug: str) -> str:
    """Return the path pattern that covers all requests of a tenant, or of any for the platform."""
    if config().tenant_resolver != "corsadmin.tenants.by_path":
        return "/"
    return f"{config().tenant_path_prefix}{'*' if slug == PLATFORM else slug}/"


def resolver_name() -> str:
    """Return the dotted path that TENANT_RESOLVER holds."""
    return config().tenant_resolver


def resolver() -> Resolver:
    """Return the resolver that TENANT_RESOLVER names.

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
    return as_resolver(found)
