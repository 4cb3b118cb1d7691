"""The most specific rule wins, in whatever order rules were written."""

from itertools import permutations
from typing import Any

import pytest
from django.test import override_settings

from tests.asserts import assert_cors, assert_no_cors
from tests.conformance.case import get
from tests.conformance.site import APP
from tests.conformance.test_cases import MIDDLEWARE
from tests.conformance.wire import ask_wsgi
from tests.factories import make_site

OPEN: dict[str, Any] = {"path": "/api/", "any_origin": True}
CLOSED: dict[str, Any] = {"path": "/api/admin/"}
# Longer than the closed rule, and broader.
LONG: dict[str, Any] = {"path": "/*/*/", "any_origin": True}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(rules, id="V20 " + ", then ".join(str(rule["path"]) for rule in rules))
        for rules in permutations([OPEN, CLOSED, LONG])
    ],
)
def test_a_closed_path_stays_closed(rules: tuple[dict[str, Any], ...]) -> None:
    make_site("t", origins=[APP], paths=rules)

    with override_settings(
        ROOT_URLCONF="tests.conformance.urls_sync",
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=MIDDLEWARE,
    ):
        stranger = ask_wsgi(get("/api/admin/x", origin="https://evil.com"))
        listed = ask_wsgi(get("/api/admin/x"))
        beside = ask_wsgi(get("/api/other/x", origin="https://evil.com"))

    assert_no_cors(stranger.headers)
    assert_cors(listed.headers, origin=APP)
    assert_cors(beside.headers, origin="*", vary=None)
