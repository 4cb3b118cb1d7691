"""Two people change the same thing: nobody's change is lost unseen (R75)."""

import pytest
from django.db import connection
from django.urls import reverse

from corsadmin.models import Generation, TenantMember
from tests.admin.conftest import grant, log_in
from tests.admin.forms import codes_of, errors_of, fields_of, submit
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, assert_silent

pytestmark = pytest.mark.slow


def page(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture(params=["tenant", "tenanthost", "pathrule", "origin", "tenantmember"])
def row(request, acme):
    return {
        "tenant": lambda: acme,
        "tenanthost": acme.hosts.get,
        "pathrule": acme.paths.get,
        "origin": acme.origins.get,
        "tenantmember": lambda: TenantMemberFactory(tenant=acme),
    }[request.param]()


CHANGES = {
    "tenant": ("name", "First", "Second"),
    "tenanthost": ("host", "first.example", "second.example"),
    "pathrule": ("note", "First", "Second"),
    "origin": ("note", "First", "Second"),
    "tenantmember": ("role", "editor", "viewer"),
}


def test_a_stale_save_shows_both_versions_and_asks(superuser, editor, row):
    field, first, second = CHANGES[row._meta.model_name]
    stale = {**fields_of(superuser.get(page(row))), field: second}
    submit(superuser, page(row), {field: first, "change_reason": "I was here"})

    asked = superuser.post(page(row), stale)

    assert asked.status_code == 200
    shown = asked.content.decode()
    assert "stale" in codes_of(asked)
    assert "I was here" in shown
    assert "superuser" in shown
    if row._meta.model_name != "tenantmember":
        assert f'data-label="Stored now">{first}</td>' in shown
        assert f'data-label="Yours">{second}</td>' in shown
    row.refresh_from_db()
    assert getattr(row, field) == first

    meant = superuser.post(page(row), fields_of(asked))

    assert meant.status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == second


def test_a_change_of_a_row_makes_the_page_of_its_tenant_stale(superuser, member, acme):
    stale = fields_of(superuser.get(page(acme)))
    submit(member, page(acme.origins.get()), {"note": "Theirs", "change_reason": "mine"})

    asked = superuser.post(page(acme), {**stale, "origins-0-note": "Ours"})

    shown = asked.content.decode()
    assert asked.status_code == 200
    assert_says(shown, "conflict-last-saved", user="member")
    assert ">Theirs</td>" in shown
    assert ">Ours</td>" in shown
    assert superuser.post(page(acme), fields_of(asked)).status_code == 302
    assert acme.origins.get().note == "Ours"


def test_a_stale_save_says_nothing_of_a_change_that_its_user_may_not_see(superuser, acme):
    client = log_in(grant(UserFactory(), "change_tenant"))
    stale = {**fields_of(client.get(page(acme))), "name": "Ours"}
    entry = acme.origins.get()
    submit(superuser, page(entry), {"note": "zznote", "change_reason": "zzreason"})

    asked = client.post(page(acme), stale)

    shown = asked.content.decode()
    assert "stale" in codes_of(asked)
    assert asked.context["conflict"]["last"] is None
    assert [one.stored for one in asked.context["conflict"]["differences"]] == ["Acme"]
    for secret in ("zznote", "zzreason", "superuser", entry.pattern):
        assert secret not in shown
    assert client.post(page(acme), fields_of(asked)).status_code == 302


def test_a_new_row_on_a_stale_page_is_shown_as_new(superuser, acme):
    stale = fields_of(superuser.get(page(acme)))
    OriginFactory(tenant=acme)

    asked = superuser.post(page(acme), {**stale, "origins-1-pattern": "https://new.example"})

    assert ">new</td>" in asked.content.decode()
    superuser.post(page(acme), fields_of(asked))
    assert acme.origins.filter(pattern="https://new.example").exists()
    assert acme.origins.count() == 3


def test_rows_that_both_have_added_are_refused(superuser, acme):
    added = {
        "origins-TOTAL_FORMS": "2",
        "origins-1-pattern": "https://new.example",
        "origins-1-enabled": "on",
        "paths-TOTAL_FORMS": "2",
        "paths-1-path": "/new/",
        "paths-1-enabled": "on",
        "paths-1-methods": "GET",
    }
    stale = {**fields_of(superuser.get(page(acme))), **added}
    assert submit(superuser, page(acme), added).status_code == 302

    asked = superuser.post(page(acme), stale)
    meant = superuser.post(page(acme), {**stale, "version": fields_of(asked)["version"]})

    assert meant.status_code == 200
    assert len(errors_of(meant)) == 2
    assert codes_of(meant) == {"unique_together"}


def test_a_page_that_says_the_same_is_told_so(superuser, acme):
    entry = acme.origins.get()
    stale = {**fields_of(superuser.get(page(entry))), "note": "Same"}
    submit(superuser, page(entry), {"note": "Same"})

    asked = superuser.post(page(entry), stale)

    assert codes_of(asked) == {"stale"}
    assert asked.context["conflict"]["differences"] == []


def test_a_row_whose_history_is_gone_still_asks(superuser, acme):
    entry = acme.origins.get()
    stale = {**fields_of(superuser.get(page(entry))), "note": "Mine"}
    submit(superuser, page(entry), {"note": "Theirs"})
    entry.history.all().delete()

    asked = superuser.post(page(entry), stale)

    assert asked.status_code == 200
    assert_silent(asked, "conflict-last-saved")


def test_a_form_without_its_version_is_stale(superuser, acme):
    entry = acme.origins.get()

    response = submit(superuser, page(entry), {"note": "Forged"}, without=["version"])

    assert response.status_code == 200
    entry.refresh_from_db()
    assert entry.note == ""


def test_raw_changes_are_noticed_too(superuser, acme):
    entry = acme.origins.get()
    stale = {**fields_of(superuser.get(page(entry))), "note": "Mine"}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE corsadmin_origin SET note = 'Raw'")

    assert superuser.post(page(entry), stale).status_code == 200


def overtake(statement, change):
    """Return an execute wrapper that lets somebody else's change in before a statement."""
    done: list[bool] = []

    def wrapper(execute, sql, *rest):
        if sql.startswith(statement) and not done:
            done.append(True)
            change()
        result = execute(sql, *rest)
        if sql.startswith("ROLLBACK TO SAVEPOINT"):
            change()  # theirs is in another transaction, so it stays
        return result

    return wrapper


def raw(sql, *values):
    def change():
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    return change


@pytest.mark.parametrize("whose", ["tenant", "origin"])
def test_who_is_overtaken_between_check_and_save_is_asked_too(superuser, acme, whose):
    row = acme if whose == "tenant" else acme.origins.get()
    values = {**fields_of(superuser.get(page(row))), "note": "Mine"}
    before = Generation.objects.get().value
    change = raw(f"UPDATE corsadmin_{whose} SET note = 'Theirs'")

    with connection.execute_wrapper(overtake('UPDATE "corsadmin_generation"', change)):
        asked = superuser.post(page(row), values)

    assert asked.status_code == 200
    assert Generation.objects.get().value == before


def test_who_is_overtaken_by_a_deletion_is_told(superuser, acme):
    membership = TenantMemberFactory(tenant=acme)
    values = {**fields_of(superuser.get(page(membership))), "role": "editor"}
    TenantMember.objects.filter(pk=membership.pk).delete()

    response = superuser.post(page(membership), values, follow=True)

    (message,) = response.context["messages"]
    assert message.level_tag == "warning"
    assert str(membership.pk) in str(message)


@pytest.mark.parametrize("model", ["tenant", "tenanthost", "pathrule", "origin", "tenantmember"])
def test_a_row_that_is_yet_to_come_has_no_version(superuser, acme, model):
    response = submit(superuser, reverse(f"admin:corsadmin_{model}_add"), {"version": "forged"})

    assert response.status_code == 200
    assert response.context.get("conflict") is None
