"""One evaluator, three faces: what explain says is what the middleware does."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

import tests
from corsadmin.diagnose.explain import Question, explain
from corsadmin.engine import Decision, Reason, Snapshot
from corsadmin.models import PathRule
from corsadmin.serving import loader
from tests.asserts import cors_headers
from tests.diagnose.explain.questions import APP, EVIL, HOST
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, make_site
from tests.serving.databases import Templates, kept_open

VECTORS = json.loads(
    (Path(tests.__file__).parent / "engine" / "vectors" / "origins.json").read_text("utf-8")
)
ALLOWLIST = ["https://app.example.com", "https://*.example.org", "http://localhost:*"]
PATHS = [{"methods": ["GET", "PUT"], "credentials": True}]
DAY = timedelta(days=1)
# What a row lists has a tenant of its own, and most rows list the same.
SLUGS = {
    patterns: f"t{number}"
    for number, patterns in enumerate({tuple(row.get("allowlist", ALLOWLIST)) for row in VECTORS})
}


@pytest.fixture(scope="module")
def tenants(  # pragma: no cover (a row of the sweep that is not measured may ask first)
    templates: Templates, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Snapshot]:
    """A tenant for each list of origins, committed, once the test database is set up."""
    given = {"credentials": True, "risk_accepted": True}
    with django_db_blocker.unblock(), kept_open(templates.sqlite()):
        for patterns, slug in SLUGS.items():
            origins = [{"pattern": text, **given} for text in patterns]
            make_site(slug, origins=origins, paths=PATHS)
        yield loader.load("default")


def through_the_middleware(
    origin: str, path: str = "/api/x", host: str = HOST, **headers: str
) -> tuple[Decision, int, dict[str, str]]:
    """Send a request through the whole stack; a preflight where its header is given."""
    method = "OPTIONS" if "Access-Control-Request-Method" in headers else "GET"
    response = Client().generic(
        method, path, headers={"Host": host, "Origin": origin, **headers}, secure=True
    )
    request: Any = response.wsgi_request
    return request.cors, response.status_code, cors_headers(response.headers)


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.parametrize("row", VECTORS, ids=[row["id"] for row in VECTORS])
def test_explain_equals_reality(tenants: Snapshot, row: dict[str, Any]) -> None:
    host = f"{SLUGS[tuple(row.get('allowlist', ALLOWLIST))]}.example.net"

    question = Question(host=host, path="/api/x", origin=row["origin"], method="PUT")
    found = explain(question, snapshot=tenants)
    got = through_the_middleware(row["origin"], host=host)
    asked = through_the_middleware(
        row["origin"], host=host, **{"Access-Control-Request-Method": "PUT"}
    )

    assert (found.actual.decision, cors_headers(found.actual.headers)) == (got[0], got[2])
    assert found.preflight is not None
    assert (found.preflight.decision, found.preflight.status) == asked[:2]
    assert cors_headers(found.preflight.headers) == asked[2]
    assert found.allowed is got[0].allowed is (row["expect"] == "allow")


def rich_site() -> None:
    """Make a tenant with a bit of everything, and a platform it inherits from."""
    platform = TenantFactory(slug="platform")
    PathRuleFactory(tenant=platform, path="/shared/", methods=["GET"])
    OriginFactory(tenant=platform, pattern="https://desk.example.com")
    make_site(
        origins=[
            {"pattern": APP, "credentials": True},
            {"pattern": "https://*.example.org", "scope": "/api/"},
            {"pattern": "https://old.example.com", "valid_until": timezone.now() - DAY},
        ],
        paths=[
            {"methods": ["GET", "PUT"], "request_headers": ["x-a"], "credentials": True},
            {"path": "/api/closed", "refuse_unlisted": True, "max_age": 60},
            {"path": "/open/", "any_origin": True, "exposed_headers": ["x-total"]},
        ],
    )
    PathRule.objects.filter(path="/api/closed").update(methods=["get"])  # does not compile


@pytest.mark.slow
@pytest.mark.django_db
def test_explain_equals_reality_for_every_combination() -> None:
    rich_site()
    snapshot = loader.load("default")
    origins = [
        APP,
        "https://a.example.org",
        "https://old.example.com",
        "https://desk.example.com",
        EVIL,
        "null",
        f"https://{HOST}",
    ]
    paths = ["/api/x", "/api/closed", "/open/x", "/shared/x", "/other"]
    reasons = set()
    for origin, path, method, header in product(origins, paths, ("PUT", "PATCH"), ("x-a", "x-b")):
        question = Question(
            host=HOST, path=path, origin=origin, method=method, headers={header: "1"}
        )
        found = explain(question, snapshot=snapshot)
        got = through_the_middleware(origin, path)
        asked = through_the_middleware(
            origin,
            path,
            **{"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header},
        )
        assert (found.actual.decision, cors_headers(found.actual.headers)) == (got[0], got[2])
        assert found.actual.status in (0, got[1])
        reasons |= {got[0].reason, asked[0].reason}
        if found.preflight is None:
            assert found.allowed
            assert question.is_same_origin
        else:
            assert found.preflight.decision == asked[0]
            assert cors_headers(found.preflight.headers) == asked[2]
            assert found.allowed is (got[0].allowed and asked[0].allowed)

    assert reasons == set(Reason) - {
        Reason.NOT_CORS,
        Reason.NO_TENANT,
        Reason.NOT_READY,
        Reason.TOO_STALE,
        Reason.ORIGIN_MALFORMED,
        Reason.ORIGIN_NOT_YET_VALID,
        Reason.EMERGENCY,  # test_emergencies.py
    }
