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

pytestmark = pytest.mark.django_db
APP = "https://app.acme.example"
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
    assert told[1].startswith("acme: level all, until ")
    assert told[1].endswith(" by ops: leak\n")
    assert listed == (0, {"emergencies": [{**expected, "in_force": True}]})
    assert lifted == (
        0,
        {"result": "lifted", **expected, "stops": [], "generation": before + 2},
    )
    assert (Emergency.objects.count(), Emergency.history.latest().history_user) == (0, user)
    assert run("status") == (0, "No emergency is on.\n", "")


def test_the_platforms_stops_everybody_and_says_whom(site):
    sighted(site, APP, "allowed", calls=700)

    code, printed, _complaint = run(
        "on", "--platform", "--level", "credentials", "--until-lifted", "--reason", "x"
    )
    _code, strong, _complaint = run("on", "--platform", "--until-lifted", "--reason", "x")

    assert code == 0
    assert printed == ("Emergency of platform is on: level credentials, until somebody lifts it.\n")
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

    assert run("off", *ACME) == (0, "Nothing to do: no emergency of acme is on.\n", "")
    assert report("off", *ACME)[1]["result"] == "unchanged"
    assert moved() == before


def test_taking_less_away_must_be_said():
    run("on", *ACME, "--until-lifted")

    code, printed, complaint = run("on", *ACME, "--level", "credentials", "--until-lifted")

    assert (code, printed) == (1, "")
    assert complaint.endswith("[takes-less]\nNothing was written.")
    assert run("on", *ACME, "--level", "credentials", "--hours", "1", "--loosen")[0] == 0
    assert Emergency.objects.get().level == "credentials"


def test_what_is_over_is_said_to_be():
    Emergency.objects.create(
        tenant=Tenant.objects.get(slug="acme"), reason="x", until=timezone.now()
    )

    assert " (over), since " in run("status")[1]
    assert report("status")[1]["emergencies"][0]["in_force"] is False


def test_an_end_is_read_with_its_time_zone():
    code, found = report("on", *ACME, "--until", "2099-01-01T01:00:00+01:00")

    assert (code, found["until"]) == (0, "2099-01-01T00:00:00Z")
    assert run("off", *ACME, "--verbosity", "0") == (0, "", "")


def test_a_site_without_time_zones_keeps_its_own_time(settings):
    settings.USE_TZ = False
    settings.TIME_ZONE = "UTC"

    assert run("on", *ACME, "--until", "2099-01-01T01:00:00+01:00")[0] == 0
    assert run("status")[1].startswith("acme: level all, until Jan. 1, 2099, midnight, since")


USAGE = {
    "no tenant": (("on", "--reason", "x", "--until-lifted"), "Give --tenant SLUG or --platform."),
    "no reason": (("off", "--platform"), "Say why with --reason."),
    "no end": (("on", *ACME), "Give --until TIME, --hours N or --until-lifted."),
    "no hours": (("on", *ACME, "--hours", "0"), "--hours: write a number from 1 to 8,760."),
    "a level for lifting": (
        ("off", *ACME, "--level", "all"),
        "`off` takes no --level, --until, --hours, --until-lifted or --loosen.",
    ),
    "an end that is not one": (
        ("on", *ACME, "--until", "soon"),
        "--until: ",
    ),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.values(), ids=USAGE)
def test_wrong_usage_is_said(arguments, said):
    code, printed, complaint = run(*arguments)

    assert (code, printed) == (2, "")
    assert complaint.startswith(said)
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
    assert complaint.endswith("[not-permitted]\nNothing was written.")
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
        "The database failed: gone. You can safely run the command again.",
    )
