"""The table of cases, on every stack: WSGI and ASGI, with sync and with async views."""

from collections.abc import Callable, Iterator

import pytest
from django.test import override_settings

from tests.conformance.case import Case
from tests.conformance.tables import CASES
from tests.conformance.wire import Ask, Seen, ask_asgi, ask_wsgi

MIDDLEWARE = [
    "tests.conformance.recorder.record",
    "corsadmin.middleware.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]

# The two others run the same lines.
SWEEP = (pytest.mark.slow, pytest.mark.sweep)


@pytest.fixture(
    params=[
        pytest.param((ask_wsgi, "sync"), id="WSGI and sync views"),
        pytest.param((ask_wsgi, "async"), id="WSGI and async views", marks=SWEEP),
        pytest.param((ask_asgi, "sync"), id="ASGI and sync views", marks=SWEEP),
        pytest.param((ask_asgi, "async"), id="P38 ASGI and async views", marks=pytest.mark.slow),
    ]
)
def ask(request: pytest.FixtureRequest) -> Iterator[Callable[[Ask], Seen]]:
    """A way to put a request to the site."""
    send, views = request.param
    with override_settings(ROOT_URLCONF=f"tests.conformance.urls_{views}"):
        yield send


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
@pytest.mark.usefixtures("tenants")
# Django's word to those who send files under ASGI.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
def test_case(case: Case, ask: Callable[[Ask], Seen]) -> None:
    with override_settings(
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=[*MIDDLEWARE[:2], *case.middleware, *MIDDLEWARE[2:]],
        **case.settings,
    ):
        seen = ask(case.ask)

    case.check(seen)
