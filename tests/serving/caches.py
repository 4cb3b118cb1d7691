"""Caches, and requests to ask them, for the tests of what is remembered."""

from django.test import RequestFactory

from corsadmin.serving.decision_cache import DecisionCache
from tests.engine.policies import snapshot

HOST = "acme.example.net"


def cached(*records, **bounds):
    return DecisionCache(snapshot(*records), **bounds)


def kept(cache, slug="acme"):
    """Return the policy of a tenant that is asked for often."""
    cache.policy(slug)
    return cache.policy(slug)


def ask(origin=None, path="/api/x", method="GET", host=HOST, **headers):
    given = {"host": host, **headers} | ({} if origin is None else {"origin": origin})
    return RequestFactory().generic(method, path, headers=given)


def preflight(origin, method="GET", names=None):
    given = {"access-control-request-method": method}
    given |= {} if names is None else {"access-control-request-headers": names}
    return ask(origin, method="OPTIONS", **given)
