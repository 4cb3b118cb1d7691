"""The answer a probe gets, in each state."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.urls import include, path, reverse

from corsadmin.engine.emergencies import StopLevel, stop_of
from corsadmin.engine.entries import OriginText, check_origin
from corsadmin.engine.rules import RuleText, check_rule
from corsadmin.serving import health as page
from tests.factories import make_site
from tests.serving.conftest import Clock
from tests.serving.databases import Database

urlpatterns = [path("cors/", include("corsadmin.urls"))]


@pytest.fixture
def clock_of_store(
    sqlite: Database, clock: Clock, make_store: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Clock]:
    settings.CORSADMIN = {"REFRESH_SECONDS": 60.0}
    settings.ROOT_URLCONF = __name__
    held = make_store(clock)
    monkeypatch.setattr(page, "process_store", held)
    yield clock
    held.close()


def ask(method: str = "get") -> Any:
    return getattr(RequestFactory(), method)(reverse("corsadmin:health"))


def answer() -> tuple[int, str, float | None, str]:
    response = page.health(ask())
    assert "no-store" in response.headers["Cache-Control"]
    found = json.loads(response.content)
    return response.status_code, found["state"], found["age_seconds"], found["last_error"]


def hide_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE corsadmin_generation RENAME TO hidden")


def test_ready_then_stale_then_not_ready(clock_of_store: Clock) -> None:
    make_site()
    assert answer() == (200, "READY", 0.0, "")
    hide_table()

    clock_of_store.now += 121
    assert answer()[:3] == (200, "STALE", 121.0)

    clock_of_store.now += 3_600
    assert answer()[:3] == (503, "NOT_READY", 3_721.0)


def test_without_tables_only_the_kind_of_the_error_is_told(clock_of_store: Clock) -> None:
    hide_table()

    assert answer() == (503, "NOT_READY", None, "OperationalError")


def test_nothing_but_reading_is_allowed(clock_of_store: Clock) -> None:
    assert page.health(ask("post")).status_code == 405


UNDERSTOOD = {
    "exclusive": check_rule(RuleText(path="/api/admin/", exclusive=True)),
    "{$}": check_rule(RuleText(path="/api/{$}")),
    "label-wildcard": check_origin(OriginText(pattern="https://pr-*.acme.dev")),
    "application-scheme": check_origin(OriginText(pattern="app://-")),
    "echo": check_rule(RuleText(path="/api/", credentials=True, methods=("*",))),
    "emergency": () if stop_of("all", None).level is StopLevel.ALL else ("not known",),
}


@pytest.mark.parametrize("word", page.WORDS)
def test_a_process_names_the_words_that_it_understands(clock_of_store: Clock, word: str) -> None:
    assert word in json.loads(page.health(ask()).content)["words"]
    assert UNDERSTOOD[word] == ()
    assert word in Path(settings.BASE_DIR, "docs", "operations", "monitoring.md").read_text()
