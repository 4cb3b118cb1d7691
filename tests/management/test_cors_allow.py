"""The command cors_allow: one origin for a pipeline, until an end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from corsadmin.management.commands import cors_allow
from corsadmin.models import Origin
from corsadmin.models.pipeline_entries import MAX_LIVE
from tests.factories import OriginFactory, UserFactory, make_site
from tests.management.entries import PREVIEW, allow, entries, moved, report, run
from tests.messages.screens import assert_says, filled, text

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SOON, LATER = NOW + timedelta(days=7), NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def site(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return make_site("acme")


def made(site, **fields):
    """Return an entry that the pipeline "command" made."""
    fields = {"pattern": PREVIEW, "made_by": "command", "valid_until": SOON, **fields}
    return OriginFactory(tenant=site, **fields)


def test_an_origin_is_allowed_until_an_end(site):
    before = moved()

    code, found = report(allow("--format", "json", "--reason", "OPS-12"))

    row = site.origins.get()
    assert code == 0
    assert found == {
        "result": "added",
        "tenant": "acme",
        "origin": PREVIEW,
        "scope": "",
        "made_by": "command",
        "impact": [],
        "valid_until": "2026-12-14T12:00:00Z",
        "credentials": False,
        "generation": before + 1,
    }
    assert moved() == before + 1
    assert (row.valid_until, row.made_by) == (NOW + timedelta(days=14), "command")
    record = row.history.get()
    assert (record.history_user, record.history_change_reason) == (None, "OPS-12")


def test_allowed_again_its_end_moves(site):
    allow()
    Origin.objects.update(valid_until=SOON)
    before = moved()

    end = filled("command-until", end="2026-12-14T12:00:00Z")
    said = filled("command-renewed", origin=PREVIEW, tenant="acme", end=end)
    assert allow() == (0, f"{said}\n", "")
    assert moved() == before + 1
    assert site.origins.get().history.count() == 2


@pytest.mark.parametrize(
    ("stored", "end", "result", "expected"),
    [
        pytest.param(LATER, ["--days", "14"], "unchanged", LATER, id="a later end stays"),
        pytest.param(SOON, ["--days", "7"], "unchanged", SOON, id="the same end stays"),
        pytest.param(None, ["--days", "14"], "unchanged", None, id="no end stays"),
        pytest.param(None, ["--no-end"], "unchanged", None, id="no end stays without an end"),
        pytest.param(SOON, ["--no-end"], "renewed", None, id="an end is removed"),
        pytest.param(
            SOON, ["--until", "2026-12-31T01:00:00+01:00"], "renewed", datetime(2026, 12, 31, tzinfo=UTC),
            id="an end in another time zone",
        ),
        pytest.param(
            NOW - timedelta(days=9), ["--days", "7"], "renewed", SOON, id="what has ended holds again"
        ),
    ],
)  # fmt: skip
def test_an_end_is_never_moved_to_an_earlier_time(site, stored, end, result, expected):
    row = made(site, valid_until=stored)
    before = moved()

    code, found = report(run("cors_allow", *end, "--format", "json"))

    row.refresh_from_db()
    assert (code, found["result"], row.valid_until) == (0, result, expected)
    assert moved() == before + (result == "renewed") == found["generation"]


def test_what_is_unchanged_is_said_in_words(site):
    made(site, valid_until=None)

    end = text("command-without-end")
    said = filled("command-still-allowed", origin=PREVIEW, tenant="acme", end=end)
    assert allow()[1] == f"{said}\n"
    assert allow("--verbosity", "0")[1] == ""


@pytest.mark.parametrize(
    ("stored", "arguments", "code"),
    [
        pytest.param({"made_by": ""}, [], "made-by-another", id="a person's"),
        pytest.param({"made_by": "other"}, [], "made-by-another", id="another pipeline's"),
        pytest.param(
            {"made_by": "", "valid_until": NOW - timedelta(days=1)}, [], "made-by-another",
            id="a person's that has ended",
        ),
        pytest.param({"enabled": False}, [], "entry-disabled", id="one that is disabled"),
        pytest.param({}, ["--credentials"], "other-credentials", id="more than it grants"),
        pytest.param({"credentials": True}, [], "other-credentials", id="less than it grants"),
    ],
)  # fmt: skip
def test_another_entry_is_left_alone(site, stored, arguments, code):
    row = made(site, **stored)
    before = moved(), entries(), row.valid_until

    status, found = report(allow(*arguments, "--format", "json"))

    row.refresh_from_db()
    assert (status, found["result"]) == (1, "refused")
    assert [problem["code"] for problem in found["problems"]] == [code]
    assert (moved(), entries(), row.valid_until) == before


def test_a_refusal_is_a_sentence(site):
    made(site, made_by="")

    maker = text("command-a-person")
    said = filled("command-anothers-entry", maker=maker, pipeline="deploy")
    ending = text("command-nothing-written")
    assert allow("--as", "deploy") == (1, "", f"{said} [made-by-another]\n{ending}")


def test_a_scope_makes_another_entry(site):
    made(site, made_by="")

    assert allow("--scope", "/api/", "--credentials", "--as", "ci")[0] == 0
    assert entries() == [
        (PREVIEW, "", "", True, False),
        (PREVIEW, "/api/", "ci", True, True),
    ]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        pytest.param([], "command", id="nobody named"),
        pytest.param(["--as", "web previews"], "web previews", id="a name"),
        pytest.param(["--user", "ci"], "ci", id="a user"),
        pytest.param(["--user", "ci", "--as", "web"], "web", id="a user and a name"),
    ],
)
def test_the_pipeline_has_a_name(site, arguments, name):
    user = UserFactory(username="ci", is_superuser=True)

    assert allow(*arguments)[0] == 0
    row = site.origins.get()
    assert row.made_by == name
    assert row.history.get().history_user == (user if "--user" in arguments else None)


@pytest.mark.parametrize(
    ("origin", "codes"),
    [
        pytest.param("https://*.acme.dev", ["origin-is-a-pattern"], id="a wildcard"),
        pytest.param("http://localhost:*", ["origin-is-a-pattern"], id="any port"),
        pytest.param("https://pr-*.dev", ["origin-is-a-pattern"], id="a star inside the label"),
        pytest.param("app://*", ["origin-is-a-pattern"], id="any host of an application"),
        pytest.param("*", ["origin-any"], id="a star"),
        pytest.param("null", ["origin-null"], id="null"),
        pytest.param("", ["origin-empty"], id="nothing"),
        pytest.param(f"{PREVIEW}/", ["origin-trailing-slash"], id="a slash at the end"),
        pytest.param("https://PR-7.acme.dev", ["origin-upper-case"], id="upper case"),
        pytest.param("ftp://pr-7.acme.dev", [], id="a scheme that is the gate's to judge"),
    ],
)
def test_only_one_whole_origin_is_allowed(origin, codes):
    status, found = report(allow("--format", "json", origin=origin))

    assert [problem["code"] for problem in found.get("problems", [])] == codes
    assert status == bool(codes)
    assert len(entries()) == (not codes)


def test_a_suggestion_is_told():
    _status, found = report(allow("--format", "json", origin=f"{PREVIEW}:443"))

    (problem,) = found["problems"]
    assert (problem["field"], problem["suggestion"]) == ("pattern", PREVIEW)


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        pytest.param("https://*.acme.dev", 0, id="a wildcard above"),
        pytest.param(PREVIEW, 0, id="itself"),
        pytest.param("https://pr-7.acme.dev:*", 0, id="any port"),
        pytest.param("https://pr-*.acme.dev", 0, id="a wildcard inside the label"),
        pytest.param("https://q-*.acme.dev", 1, id="another label"),
        pytest.param("http://*.acme.dev", 1, id="another scheme"),
        pytest.param("https://*.rival.dev", 1, id="another domain"),
        pytest.param("https://*.pr-7.acme.dev", 1, id="only what is below"),
        pytest.param("https://*.acme.dev:8443", 1, id="another port"),
        pytest.param("acme.dev", 2, id="no pattern"),
    ],
)
def test_within_bounds_what_a_pipeline_allows(pattern, status):
    assert allow("--within", pattern)[0] == status
    assert len(entries()) == (status == 0)


@pytest.mark.parametrize(
    "end",
    [
        pytest.param([], id="no end"),
        pytest.param(["--days", "3", "--no-end"], id="two ends"),
        pytest.param(["--days", "0"], id="no day"),
        pytest.param(["--days", "-3"], id="days ago"),
        pytest.param(["--days", "3651"], id="ten years and a day"),
        pytest.param(["--days", "soon"], id="a word"),
        pytest.param(["--until", "2026-11-30T12:00:00Z"], id="now"),
        pytest.param(["--until", "2027-01-31"], id="without a time zone"),
        pytest.param(["--until", "9999-12-31T00:00:00Z"], id="a year without a page"),
        pytest.param(["--until", "tomorrow"], id="not a time"),
        pytest.param(["--no-end", "--as", "a\nb"], id="a name of two lines"),
        pytest.param(["--no-end", "--as", "x" * 151], id="a long name"),
        pytest.param(["--no-end", "--reason", "\udcff"], id="bytes that are not UTF-8"),
    ],
)
def test_wrong_usage_writes_nothing(end):
    with pytest.raises(CommandError) as caught:
        call_command(cors_allow.Command(), "--tenant", "acme", *end, "--", PREVIEW)

    assert caught.value.returncode in (1, 2)  # argparse ends a process of its own with 2
    assert entries() == []


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        pytest.param(["--credentials"], ["risk-plain-http"], id="a danger"),
        pytest.param(["--scope", "api/"], ["path-leading-slash-missing"], id="a wrong scope"),
        pytest.param(["--scope", "/" + "a" * 600], ["path-too-long", "max_length"], id="too long"),
    ],
)
def test_the_gate_is_passed(arguments, codes):
    done = allow(*arguments, "--format", "json", origin="http://pr-7.acme.dev")

    status, found = report(done)
    assert status == 1
    assert sorted(problem["code"] for problem in found["problems"]) == sorted(codes)
    assert entries() == []


def test_a_tenant_has_fifty_live_entries_of_pipelines_at_most(site):
    for number in range(MAX_LIVE - 1):
        made(site, pattern=f"https://a-{number}.acme.dev", made_by=f"pipeline {number % 3}")
    made(site, pattern="https://ended.acme.dev", valid_until=NOW)
    made(site, pattern="https://off.acme.dev", enabled=False)
    made(site, pattern="https://person.acme.dev", made_by="")
    made(make_site("rival"), pattern="https://rival.dev")

    assert allow()[0] == 0
    said = filled("command-too-many-entries", count=50)
    ending = text("command-nothing-written")
    assert allow(origin="https://one-more.acme.dev")[::2] == (
        1,
        f"{said} [too-many-entries]\n{ending}",
    )
    assert allow(origin="https://ended.acme.dev")[0] == 1
    Origin.objects.filter(pattern=PREVIEW).update(valid_until=SOON)
    assert_says(allow()[1], "command-renewed", origin=PREVIEW)
    Origin.objects.filter(pattern="https://a-0.acme.dev").update(valid_until=NOW)
    again = "https://ended.acme.dev"
    assert_says(allow(origin=again)[1], "command-renewed", origin=again)
