"""Every row of the origin corpus, through the middleware and over both protocols."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.asserts import assert_cors, assert_no_cors
from tests.conformance.site import FIXTURE
from tests.conformance.test_cases import MIDDLEWARE
from tests.conformance.wire import Ask, ask_asgi, ask_wsgi
from tests.factories import make_site
from tests.serving.databases import Templates, kept_open

ROWS = json.loads(
    (Path(__file__).parent.parent / "engine" / "vectors" / "origins.json").read_text("utf-8")
)

# What a row lists has a tenant of its own, and most rows list the same.
SLUGS = {
    patterns: f"t{number}"
    for number, patterns in enumerate({tuple(row.get("allowlist", FIXTURE)) for row in ROWS})
}


@pytest.fixture(scope="module")
def tenants(templates: Templates, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A tenant for each list of origins, committed."""
    # Plain http with credentials is a risk that somebody must accept.
    given = {"credentials": True, "risk_accepted": True}
    with django_db_blocker.unblock(), kept_open(templates.sqlite()):
        for patterns, slug in SLUGS.items():
            origins = [{"pattern": text, **given} for text in patterns]
            make_site(slug, origins=origins, paths=[{"credentials": True}])
        yield


@pytest.mark.usefixtures("tenants")
@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_an_origin_of_the_corpus(row: dict[str, Any]) -> None:
    host = f"{SLUGS[tuple(row.get('allowlist', FIXTURE))]}.example.net"
    lines = [("Origin", value) for value in row.get("headers", [row["origin"]])]
    # Only a direct call can deliver what is not latin-1; WSGI's strings can carry it.
    ways = [ask_wsgi, ask_asgi] if all(value.isascii() for _, value in lines) else [ask_wsgi]

    with override_settings(
        ROOT_URLCONF="tests.conformance.urls_sync",
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=MIDDLEWARE,
    ):
        answers = [way(Ask(host=host, headers=lines)) for way in ways]

    for seen in answers:
        assert (seen.status, seen.body) == (200, b"fine")
        if row["expect"] == "allow":
            assert_cors(seen.headers, origin=row["origin"], credentials=True)
        else:
            assert_no_cors(seen.headers)
