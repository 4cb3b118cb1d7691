"""Recording what callers do changes nothing of any answer: on and off are the same bytes."""

import gzip
from collections.abc import Callable
from itertools import cycle

import pytest
from django.conf import settings
from django.test import override_settings

from corsadmin.sightings.ring import process_ring
from tests.conformance.case import Case
from tests.conformance.tables import CASES
from tests.conformance.test_cases import MIDDLEWARE
from tests.conformance.wire import Ask, Seen, ask_asgi, ask_wsgi


def answer(case: Case, send: Callable[[Ask], Seen], *, is_on: bool) -> Seen:
    config = {**settings.CORSADMIN, **case.settings.get("CORSADMIN", {}), "SIGHTINGS": is_on}
    with override_settings(
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=[*MIDDLEWARE[:2], *case.middleware, *MIDDLEWARE[2:]],
        **{**case.settings, "CORSADMIN": config},
    ):
        return send(case.ask)


def plain(seen: Seen) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return an answer without what Django draws by chance: cookies, and the padding of gzip."""
    body, drawn = seen.body, {"set-cookie"}
    if ("Content-Encoding", "gzip") in seen.lines:  # pragma: no cover (not in the first row)
        body, drawn = gzip.decompress(body), {*drawn, "content-length"}
    lines = [(name, "" if name.lower() in drawn else value) for name, value in seen.lines]
    return seen.status, lines, body


# What is recorded is the same on both: each case takes its turn on one of them.
@pytest.mark.parametrize(
    ("case", "send", "views"),
    [
        pytest.param(case, *stack, id=f"{case.name}, {stack[1]}")
        for case, stack in zip(CASES, cycle([(ask_wsgi, "sync"), (ask_asgi, "async")]))
    ],
)
@pytest.mark.slow
@pytest.mark.sweep  # what answers is measured in test_cases.py
@pytest.mark.usefixtures("tenants")
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
def test_on_and_off_are_the_same_bytes(case: Case, send: Callable[[Ask], Seen], views: str) -> None:
    with override_settings(ROOT_URLCONF=f"tests.conformance.urls_{views}"):
        process_ring.clear()
        off = answer(case, send, is_on=False)
        assert process_ring.drain() == []

        on = answer(case, send, is_on=True)

    assert plain(on) == plain(off)
    has_origin = any(name == "Origin" and value for name, value in case.ask.lines)
    assert has_origin or process_ring.drain() == []
