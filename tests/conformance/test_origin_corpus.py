"""Every row of the origin corpus, through the middleware and over both protocols."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.asserts import assert_cors, assert_no_cors
from tests.conformance.site import FIXTURE
from tests.conformance.test_cases import MIDDLEWARE
from tests.conformance.wire import Ask, ask_asgi, ask_wsgi
from tests.factories import make_site

ROWS = json.loads(
    (Path(__file__).parent.parent / "engine" / "vectors" / "origins.json").read_text("utf-8")
)


@pytest.mark.django_db
@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_an_origin_of_the_corpus(row: dict[str, Any]) -> None:
    # Plain http with credentials is a risk that somebody must accept.
    given = {"credentials": True, "risk_accepted": True}
    origins = [{"pattern": text, **given} for text in row.get("allowlist", FIXTURE)]
    make_site("t", origins=origins, paths=[{"credentials": True}])
    lines = [("Origin", value) for value in row.get("headers", [row["origin"]])]
    # Only a direct call can deliver what is not latin-1; WSGI's strings can carry it.
    ways = [ask_wsgi, ask_asgi] if all(value.isascii() for _, value in lines) else [ask_wsgi]

    with override_settings(
        ROOT_URLCONF="tests.conformance.urls_sync",
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=MIDDLEWARE,
    ):
        answers = [way(Ask(headers=lines)) for way in ways]

    for seen in answers:
        assert (seen.status, seen.body) == (200, b"fine")
        if row["expect"] == "allow":
            assert_cors(seen.headers, origin=row["origin"], credentials=True)
        else:
            assert_no_cors(seen.headers)
