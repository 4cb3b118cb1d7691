"""`cors_explain` lists everything that must change, for people and for programs."""

import json
import re
from typing import Any

import pytest

from corsadmin.diagnose.explain.remedies import RemedyKind
from tests.factories import make_site
from tests.management.explaining import APP, LINE, paste, run
from tests.messages.screens import assert_says, filled, text
from tests.servers import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [".example.net"]


def test_every_field_and_kind_of_a_remedy_is_documented(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_site(origins=[])
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    section = page.split("\nEach of the `remedies` has:\n")[1].split("\n## ")[0]
    fields, kinds = section.split("\n| kind | the change |\n")

    (remedy,) = json.loads(run(capsys, format="json")[1])["remedies"]

    assert re.findall(r"^\| `([a-z_]+)` \|", fields, re.MULTILINE) == list(remedy)
    kinds = kinds.partition("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", kinds, re.MULTILINE) == [*map(str, RemedyKind)]


def test_the_json_lists_everything_that_must_change(capsys: pytest.CaptureFixture[str]) -> None:
    make_site(origins=[])

    status, printed = run(capsys, "--header=X-Request-Id: 1", "--format=json", method="PUT")

    found = json.loads(printed)
    assert (status, found["sufficient"]) == (1, True)
    assert [remedy["sentence"] for remedy in found["remedies"]] == found["changes"]
    assert [
        (one["kind"], one["model"], one["is_new"], one["values"]) for one in found["remedies"]
    ] == [
        ("origin-add", "origin", True, {"pattern": APP, "credentials": False, "scope": ""}),
        ("method", "pathrule", False, {"methods": ["GET", "HEAD", "POST", "PUT"]}),
        ("headers", "pathrule", False, {"request_headers": ["content-type", "x-request-id"]}),
    ]


def test_a_host_without_a_tenant_is_judged_as_that_of_the_tenant_that_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_site(origins=[APP])

    unnamed = json.loads(run(capsys, "--format=json", host="new.example.net")[1])
    named = json.loads(run(capsys, "--format=json", "--tenant=acme", host="new.example.net")[1])

    assert (unnamed["sufficient"], unnamed["steps"][1]["ok"]) == (False, None)
    assert (named["sufficient"], named["steps"][1]["ok"]) == (True, True)
    assert [one["values"] for one in named["remedies"]] == [{"host": "new.example.net"}]


@pytest.mark.parametrize(
    ("more", "ending"),
    [
        pytest.param({"path": "/./x"}, text("command-more-after-that"), id="an end"),
        pytest.param(
            {"origin": "https://new.example"},
            filled("explain-add-origin", origin="https://new.example", tenant="acme"),
            id="everything known",
        ),
    ],
)
def test_the_text_says_whether_that_is_all(
    capsys: pytest.CaptureFixture[str], more: dict[str, str], ending: str
) -> None:
    make_site(origins=[APP])

    assert run(capsys, **more)[1].endswith(f"{ending}\n")


def test_what_is_not_known_is_asked_for_after_the_changes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_site(origins=[])

    status, printed = paste(monkeypatch, capsys, LINE)

    assert status == 1
    assert_says(printed, "command-more-to-change", question=text("verdict-which-preflight"))
