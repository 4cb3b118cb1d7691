"""The command cors_revoke: what a pipeline has allowed goes, and nothing else."""

import pytest

from tests.factories import OriginFactory, TenantMemberFactory, make_site
from tests.management.entries import PREVIEW, allow, entries, moved, report, revoke
from tests.messages.screens import filled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site():
    return make_site("acme")


def test_what_was_allowed_is_revoked_as_one_change(site):
    user = TenantMemberFactory(tenant=site, role="editor").user
    allow("--user", user.username)
    row, before = site.origins.get(), moved()

    code, found = report(revoke("--user", user.username, "--reason", "merged", "--format", "json"))

    assert code == 0
    assert found == {
        "result": "revoked",
        "tenant": "acme",
        "origin": PREVIEW,
        "scope": "",
        "made_by": user.username,
        "impact": [],
        "valid_until": None,
        "credentials": None,
        "generation": before + 1,
    }
    assert (entries(), moved()) == ([], before + 1)
    record = row.history.latest()
    assert (record.history_type, record.history_user, record.history_change_reason) == (
        "-",
        user,
        "merged",
    )


def test_what_is_not_there_is_no_mistake():
    allow()
    revoke()
    before = moved()

    said = filled("command-no-entry", origin=PREVIEW, tenant="acme")
    assert revoke() == (0, f"{said}\n", "")
    assert revoke(origin="https://*.acme.dev")[0] == 0
    assert moved() == before


def test_what_somebody_has_disabled_stays(site):
    OriginFactory(tenant=site, pattern=PREVIEW, made_by="command", enabled=False)
    before = moved(), entries()

    said = filled("command-disabled-entry", origin=PREVIEW, tenant="acme")
    assert revoke() == (0, f"{said}\n", "")
    assert (moved(), entries()) == before
    assert allow()[0] == 1


@pytest.mark.parametrize("maker", ["", "other"], ids=["a person", "another pipeline"])
def test_what_another_has_made_stays(site, maker):
    OriginFactory(tenant=site, pattern=PREVIEW, made_by=maker)
    before = moved(), entries()

    code, _printed, said = revoke()

    assert (code, "[made-by-another]" in said) == (1, True)
    assert (moved(), entries()) == before


def test_a_scope_names_another_entry():
    allow()
    allow("--scope", "/api/")

    revoke("--scope", "/api/")

    assert [scope for _pattern, scope, *_rest in entries()] == [""]
