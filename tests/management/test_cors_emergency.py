"""The command cors_emergency: stop a leak, see what is stopped, lift it."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from corsadmin.models import Emergency, EntrySeen, Tenant
from tests.admin.callers import sighted
from tests.admin.conftest import grant
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory, make_site
from tests.management.entries import moved
from tests.messages.screens import assert_says, filled, text

pytestmark = pytest.mark.django_db
APP = "https://app.acme.example"
UNWRITTEN = text("command-nothing-written")
ACME = ("--tenant", "acme", "--reason", "leak")


@pytest.fixture(autouse=True)
def site():
    return make_site("acme", origins=[APP])


def run(*arguments):
    """Return the exit status, what was printed, and what was complained of."""
    out, complaint, code = io.StringIO(), "", 0
    try:
        call_command("cors_emergency", *arguments, stdout=out)
    except CommandError as error:
        code, complaint = error.returncode, str(error)
    return code, out.getvalue(), complaint


def report(*arguments):
    code, printed, _complaint = run(*arguments, "--format", "json")
    return code, json.loads(printed)


def test_it_is_switched_on_shown_and_lifted(site):
    user = UserFactory(username="ops", is_superuser=True)
    before = moved()

    code, found = report("on", *ACME, "--hours", "4", "--user", "ops")
    row = Emergency.objects.get()
    assert row.until is not None
    told = run("status")
    listed = report("status", "--tenant", "acme")
    lifted = report("off", "--tenant", "acme", "--reason", "over", "--user", "ops")

    expected = {
        "tenant": "acme",
        "level": "all",
        "until": row.until.replace(tzinfo=None).isoformat() + "Z",
        "since": found["since"],
        "reason": "leak",
        "by": "ops",
    }
    assert (code, found) == (
        0,
        {"result": "on", **expected, "stops": [], "generation": before + 1},
    )
    assert timedelta(hours=3.9) < row.until - timezone.now() < timedelta(hours=4.1)
    assert told[0] == 0
    assert_says(told[1], "command-emergency", tenant="acme", level="all", reason="leak")
    assert " ops: " in told[1]
    assert listed == (0, {"emergencies": [{**expected, "in_force": True}]})
    assert lifted == (
        0,
        {"result": "lifted", **expected, "stops": [], "generation": before + 2},
    )
    assert (Emergency.objects.count(), Emergency.history.latest().history_user) == (0, user)
    assert run("status") == (0, text("command-emergency-none") + "\n", "")


def test_the_platforms_stops_everybody_and_says_whom(site):
    sighted(site, APP, "allowed", calls=700)

    code, printed, _complaint = run(
        "on", "--platform", "--level", "credentials", "--until-lifted", "--reason", "x"
    )
    _code, strong, _complaint = run("on", "--platform", "--until-lifted", "--reason", "x")

    assert code == 0
    end = text("emergency-until-lifted")
    said = filled("command-emergency-on", tenant="platform", level="credentials", end=end)
    assert printed == f"{said}\n"
    assert APP in strong
    assert Emergency.objects.get().tenant == Tenant.objects.platform()


def test_calls_that_an_inherited_entry_lets_in_are_stopped_too():
    platform = make_site("platform")
    today = timezone.now().date()
    entry = OriginFactory(tenant=platform, pattern="https://desk.example.com")
    EntrySeen.objects.create(entry=entry, first_day=today, last_day=today, calls=700)

    _code, printed, _complaint = run("on", *ACME, "--until-lifted", "--reason", "x")

    assert "https://desk.example.com" in printed


def test_lifting_what_is_not_on_is_no_mistake():
    before = moved()

    assert run("off", *ACME) == (0, filled("command-emergency-not-on", tenant="acme") + "\n", "")
    assert report("off", *ACME)[1]["result"] == "unchanged"
    assert moved() == before


def test_taking_less_away_must_be_said():
    run("on", *ACME, "--until-lifted")

    code, printed, complaint = run("on", *ACME, "--level", "credentials", "--until-lifted")

    assert (code, printed) == (1, "")
    assert complaint.endswith(f"[takes-less]\n{UNWRITTEN}")
    assert run("on", *ACME, "--level", "credentials", "--hours", "1", "--loosen")[0] == 0
    assert Emergency.objects.get().level == "credentials"


def test_what_is_over_is_said_to_be():
    Emergency.objects.create(
        tenant=Tenant.objects.get(slug="acme"), reason="x", until=timezone.now()
    )

    assert_says(run("status")[1], "command-emergency", tenant="acme", over=" (over)")
    assert report("status")[1]["emergencies"][0]["in_force"] is False


def test_an_end_is_read_with_its_time_zone():
    code, found = report("on", *ACME, "--until", "2099-01-01T01:00:00+01:00")

    assert (code, found["until"]) == (0, "2099-01-01T00:00:00Z")
    assert run("off", *ACME, "--verbosity", "0") == (0, "", "")


def test_a_site_without_time_zones_keeps_its_own_time(settings):
    settings.USE_TZ = False
    settings.TIME_ZONE = "UTC"

    assert run("on", *ACME, "--until", "2099-01-01T01:00:00+01:00")[0] == 0
    end = filled("command-until-shown", time="Jan. 1, 2099, midnight UTC")
    assert_says(run("status")[1], "command-emergency", level="all", end=end, over="")


USAGE = {
    "no tenant": (("on", "--reason", "x", "--until-lifted"), "command-emergency-whose", {}),
    "no reason": (("off", "--platform"), "command-emergency-reason", {}),
    "no end": (("on", *ACME), "command-emergency-end", {}),
    "no hours": (("on", *ACME, "--hours", "0"), "command-emergency-hours", {"most": "8,760"}),
    "a level for lifting": (
        ("off", *ACME, "--level", "all"),
        "command-emergency-options",
        {"action": "off"},
    ),
    "an end that is not one": (("on", *ACME, "--until", "soon"), "command-until-refused", {}),
}


@pytest.mark.parametrize(("arguments", "said", "values"), USAGE.values(), ids=USAGE)
def test_wrong_usage_is_said(arguments, said, values):
    code, printed, complaint = run(*arguments)

    assert (code, printed) == (2, "")
    assert_says(complaint, said, **values)
    assert not Emergency.objects.exists()


REFUSED = {
    "an unknown tenant": (("on", "--tenant", "nobody"), "tenant-unknown"),
    "an end that has passed": (("on", "--tenant", "acme", "--until", "2020-01-01T00:00:00Z"), "until-past"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_writes_nothing(arguments, problem):
    end = () if "--until" in arguments else ("--until-lifted",)

    code, found = report(*arguments, *end, "--reason", "x")

    assert (code, found["result"], found["problems"][0]["code"]) == (1, "refused", problem)
    assert not Emergency.objects.exists()


@pytest.mark.parametrize("whose", [("--platform",), ("--tenant", "rival"), ("--tenant", "nobody")])
def test_a_member_stops_only_what_they_see(site, whose):
    make_site("rival")
    user = grant(TenantMemberFactory(tenant=site).user, "emergency")
    others = UserFactory(is_staff=True)
    asked = ("--until-lifted", "--reason", "x", "--user")

    code, _printed, complaint = run("on", *whose, *asked, user.username)

    assert code == 1
    assert complaint.endswith(f"[not-permitted]\n{UNWRITTEN}")
    assert run("on", "--tenant", "acme", *asked, others.username)[0] == 1
    assert run("on", "--tenant", "acme", *asked, user.username)[0] == 0


def test_a_member_reads_of_their_tenants_and_the_platform(site):
    user = TenantMemberFactory(tenant=site).user
    for tenant in (site, make_site("rival"), Tenant.objects.platform()):
        Emergency.objects.create(tenant=tenant, reason="x")

    def slugs(*arguments):
        return [one["tenant"] for one in report("status", *arguments)[1]["emergencies"]]

    assert slugs() == ["acme", "platform", "rival"]
    assert slugs("--user", user.username) == ["acme", "platform"]
    assert slugs("--user", UserFactory().username) == []
    assert slugs("--platform") == ["platform"]


def test_a_database_that_fails_is_said(monkeypatch):
    def fail(*_arguments, **_named):
        raise DatabaseError("gone.")

    monkeypatch.setattr("corsadmin.management.commands.cors_emergency.switch_on", fail)

    assert run("on", *ACME, "--until-lifted") == (
        1,
        "",
        filled("command-database-failed", reason="gone"),
    )
