"""Which origins Django's CSRF check trusts."""

from collections.abc import Iterable

# Methods that Django calls safe; its CSRF check looks at all others.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def is_trusted(origin: str, trusted_origins: Iterable[str]) -> bool:
    """Report whether CSRF_TRUSTED_ORIGINS covers an origin other than the API's own.

    As in Django, `https://*.example.com` covers example.com too, and a port counts only if written.
    """
    scheme, _separator, authority = origin.partition("://")
    for trusted in trusted_origins:
        trusted_scheme, _separator, pattern = trusted.partition("://")
        if "*" not in trusted:
            if origin == trusted:
                return True
        elif scheme == trusted_scheme and _is_below(authority, pattern.lstrip("*").lower()):
            return True
    return False


def _is_below(authority: str, domain: str) -> bool:
    """Report what django.utils.http.is_same_domain does."""
    if domain.startswith("."):
        return authority.endswith(domain) or authority == domain[1:]
    return authority == domain
