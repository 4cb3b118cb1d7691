"""What pipelines break, and whom they let in, of the callers of the last days."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import Origin
from tests.admin.conftest import grant
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory, make_site
from tests.messages.screens import filled, text
from tests.sightings.rows import see_caller, see_entry, see_rule

pytestmark = pytest.mark.django_db

NEW, OLD = "https://new.example", "https://old.example"


@pytest.fixture
def acme():
    """A tenant that refused one preview, and whose other one called today."""
    acme = make_site("acme")
    see_caller(acme, NEW)
    see_entry(OriginFactory(tenant=acme, pattern=OLD, made_by="command"))
    see_rule(acme)
    return acme


@pytest.fixture
def editor(acme):
    user = UserFactory(username="acme-ci")
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    return {"user": user.username, "pipeline": "command"}


def run(name, origin, **options):
    out = io.StringIO()
    if name == "cors_allow":
        options = {"no_end": True, **options}
    try:
        call_command(name, origin, tenant="acme", stdout=out, **options)
    except CommandError as error:
        out.write(str(error))
    return out.getvalue().replace("\xa0", " ")


def told(code, calls, last):
    return f"acme: {filled(code, number=1, calls=filled('impact-calls', number=calls), last=last)}"


ALLOWED = told("impact-opened", 5, filled("impact-last-seen", time="1 day, 12 hours"))
REVOKED = told("impact-lost", 10, text("impact-last-seen-today"))
COMMANDS = pytest.mark.parametrize(
    ("name", "origin", "line", "key"),
    [
        pytest.param("cors_allow", NEW, f"{ALLOWED}: {NEW}.", "opened", id="cors_allow"),
        pytest.param("cors_revoke", OLD, f"{REVOKED}: {OLD}.", "lost", id="cors_revoke"),
    ],
)


@COMMANDS
def test_who_names_no_user_reads_it(acme, name, origin, line, key):
    assert f"  ! {line}\n" in run(name, origin)
    assert acme.origins.filter(pattern=origin).exists() == (name == "cors_allow")


@COMMANDS
def test_programs_read_it(acme, name, origin, line, key):
    (impact,) = json.loads(run(name, origin, format="json"))["impact"]

    assert impact["tenant"] == "acme"
    assert [one["origin"] for one in impact[key]] == [origin]


@COMMANDS
def test_a_user_needs_a_reason_and_it_is_enough(editor, name, origin, line, key):
    refused = run(name, origin, **editor)

    assert filled("command-say-why", line=line) + " [callers-affected]" in refused
    assert Origin.objects.filter(pattern=origin).exists() == (name == "cors_revoke")
    run(name, origin, reason="OPS-1", **editor)
    assert Origin.objects.filter(pattern=origin).exists() == (name == "cors_allow")


def test_programs_read_what_was_refused(acme, editor):
    said = run("cors_revoke", OLD, format="json", **editor)
    report, _end = json.JSONDecoder().raw_decode(said)

    assert report["result"] == "refused"
    assert [problem["code"] for problem in report["problems"]] == ["callers-affected"]
    assert [one["origin"] for one in report["impact"][0]["lost"]] == [OLD]


def test_who_was_not_seen_needs_no_reason(acme, editor):
    assert run("cors_allow", "https://third.example", verbosity=0, **editor) == ""
    assert acme.origins.filter(pattern="https://third.example").exists()


def test_quiet_commands_say_nothing(acme):
    assert run("cors_revoke", OLD, verbosity=0) == ""


def test_who_sees_no_sightings_reads_of_no_caller(acme):
    permissions = ("add_origin", "change_origin", "delete_origin", "view_tenant")
    user = grant(UserFactory(), *permissions).username

    said = run("cors_revoke", OLD, user=user, pipeline="command", format="json")
    report, _end = json.JSONDecoder().raw_decode(said)

    assert report["impact"] == []
    assert report["problems"][0]["message"] == filled("command-say-why", line=f"{REVOKED}.")
