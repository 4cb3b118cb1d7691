"""The history: everything that happened, one event for each change, searched and paged."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, generation
from tests.admin import imports
from tests.admin.conftest import grant, log_in
from tests.admin.forms import submit
from tests.admin.logs import LOG, log, told
from tests.admin.past import url
from tests.factories import OriginFactory, UserFactory
from tests.messages.screens import assert_says, filled


@pytest.fixture
def past(acme, clock):
    """Some hours of acme: made, an origin added and noted, disabled, enabled, deleted by anna."""
    clock()
    entry = OriginFactory(tenant=acme, pattern="https://new.example")
    entry._change_reason = "Ticket OPS-12"
    clock()
    entry.enabled = False
    entry.save()
    clock()
    entry.enabled = True
    entry._change_reason = None
    entry.save()
    clock()
    entry._history_user = UserFactory(username="anna")
    entry.delete()
    clock()
    return entry


def test_a_save_is_one_change_with_all_its_rows(superuser, acme):
    changes = {
        "name": "Other",
        "origins-0-DELETE": "on",
        "origins-1-pattern": "https://new.example",
        "paths-0-methods": "GET",
        "change_reason": "OPS-1",
        "confirm_lockout": "on",
    }
    submit(superuser, reverse("admin:corsadmin_tenant_change", args=[acme.pk]), changes)

    first, second = log(superuser)["changes"]

    assert (first.users, first.reasons) == (["superuser"], ["OPS-1"])
    assert {(row.kind, row.name, row.tenant, str(row.verb)) for row in first.rows} == {
        ("tenant", "acme", "", "changed"),
        ("origin", "https://app.acme.example", "acme", "deleted"),
        ("origin", "https://new.example", "acme", "added"),
        ("path rule", "/api/", "acme", "changed"),
    }
    fields = {(one.label, one.before, one.after) for row in first.rows for one in row.differences}
    assert ("name", "Acme", "Other") in fields
    assert ("methods", "GET, HEAD, POST", "GET") in fields
    assert ("enabled", "", "yes") in fields
    assert "https://new.example" not in {after for _label, _before, after in fields}
    assert len(second.rows) == 4
    assert_says(superuser.get(LOG), "history-unknown-user")


def test_a_change_by_several_for_several_reasons_names_all(superuser, acme):
    with generation.change():
        for name, reason in (("anna", "a"), ("bert", "b"), ("bert", "b")):
            row = OriginFactory.build(tenant=acme)
            row._change_reason = reason
            users = type(row)._meta.apps.get_model("auth", "User").objects
            row._history_user = users.filter(username=name).first() or UserFactory(username=name)
            row.save()

    change = log(superuser)["changes"][0]

    assert (change.users, change.reasons) == (["bert", "anna"], ["b", "a"])


NEW = "https://new.example"
EVERY = ["deleted", "changed", "changed", "added"]
SEARCHES = {
    "a deleted origin": ({"q": NEW}, EVERY),
    "a whole URL in capitals": ({"q": "HTTPS://NEW.example/a/page?x=1"}, EVERY),
    "a part of an origin": ({"q": "new.exa"}, EVERY),
    "what is not there": ({"q": "no such thing"}, []),
    "a tenant": ({"q": "new", "tenant": "acme"}, EVERY),
    "a part of a slug": ({"q": "new", "tenant": "acm"}, EVERY),
    "another tenant": ({"tenant": "rival"}, []),
    "a user": ({"user": "Ann"}, ["deleted"]),
    "another user": ({"user": "bert"}, []),
    "a reason": ({"reason": "ops-12"}, ["changed"]),
    "what was added": ({"kind": "added", "q": NEW}, ["added"]),
    "what was changed": ({"kind": "changed"}, ["changed", "changed"]),
    "what was deleted": ({"kind": "removed"}, ["deleted"]),
    "what was enabled": ({"kind": "enabled"}, ["changed"]),
    "what was disabled": ({"kind": "disabled", "user": ""}, ["changed"]),
    "what was undone": ({"kind": "undone"}, []),
    "what was put back": ({"kind": "restored"}, []),
    "what was imported": ({"kind": "imported"}, []),
    "a day": ({"since": "2026-01-02", "until": "2026-01-02", "q": NEW}, EVERY),
    "the days before": ({"until": "2026-01-01"}, []),
    "the days after": ({"since": "2026-01-03"}, []),
}


def test_a_search_finds_what_happened(superuser, past):
    for what, (query, verbs) in SEARCHES.items():
        assert told(superuser, **query) == [f"{NEW} {verb}" for verb in verbs], what


def test_a_wildcard_that_covers_the_searched_origin_is_found(superuser, acme):
    OriginFactory(tenant=acme, pattern="https://*.new.example").delete()

    assert told(superuser, q="https://app.new.example") == [
        "https://*.new.example deleted",
        "https://*.new.example added",
    ]


def test_tenants_rules_and_hosts_are_searched_by_their_names(superuser, acme):
    assert told(superuser, q="/api") == ["/api/ added"]
    assert set(told(superuser, q="acme")) == {
        "acme added",
        "acme.example.net added",
        "https://app.acme.example added",
    }


WRONG = [
    {"since": "x"}, {"since": "0001-01-01"}, {"until": "9999-12-31"}, {"kind": "x"},
    {"change": "x"}, {"q": "x" * 301},
]  # fmt: skip


def test_a_wrong_answer_is_said_at_its_field(superuser, acme):
    for query in WRONG:
        found = log(superuser, **query)

        assert [*found["form"].errors] == [*query]
        assert "changes" not in found


def test_a_forged_place_crashes_nothing(superuser, acme):
    for older in ("x", "9.1", "0." + "9" * 19, "1.0", "-", "0.1-0.2-1.7"):
        assert "changes" in log(superuser, older=older), older


def test_what_is_older_than_the_history_is_told_without_its_old_value(superuser, acme):
    entry = acme.origins.get()
    entry.history.all().delete()
    entry.note = "seen"
    entry.save()

    (change,) = log(superuser, kind="changed")["changes"]

    assert [(str(row.verb), row.differences) for row in change.rows] == [("changed", [])]


def test_the_timeline_leads_to_the_history(superuser, acme):
    key = acme.pk
    acme.delete()
    acme.pk = key

    response = superuser.get(url("timeline", acme))

    assert (response.status_code, response["Location"]) == (301, url("history", acme))
    assert "acme deleted" in told(superuser, response["Location"])


def test_the_history_of_a_tenant_tells_of_all_it_held(superuser, acme, rival):
    page = url("history", acme)

    assert set(told(superuser, page)) == {
        "acme added",
        "acme.example.net added",
        "https://app.acme.example added",
        "/api/ added",
    }
    assert [*log(superuser, page)["form"].fields][:2] == ["q", "user"]


@pytest.mark.parametrize("is_there", [True, False])
def test_the_history_of_a_row_tells_of_it_alone(superuser, member, acme, is_there):
    entry = acme.origins.get()
    page = reverse("admin:corsadmin_origin_history", args=[entry.pk])
    if not is_there:
        entry.delete()

    for client in (superuser, member):
        found = log(client, page)
        assert len(told(client, page)) == 2 - is_there
        assert [*found["form"].fields][:2] == ["user", "reason"]
        assert found["title"] == filled("history-of", row="https://app.acme.example · acme")


def test_the_history_of_a_row_needs_the_right_to_see_it(acme):
    entry = acme.origins.get()
    page = reverse("admin:corsadmin_origin_history", args=[entry.pk])

    assert log_in(grant(UserFactory(), "view_tenant")).get(page).status_code == 404


def test_who_may_not_see_tenants_reads_no_slug_and_cannot_search_for_one(acme):
    client = log_in(grant(UserFactory(), "view_origin"))
    page = reverse("admin:corsadmin_origin_history", args=[acme.origins.get().pk])

    (change,) = log(client, page)["changes"]

    assert [row.tenant for row in change.rows] == [""]
    assert client.get(LOG).status_code == 403


def test_slugs_of_deleted_tenants_are_told(superuser, acme):
    acme.slug = "renamed"
    acme.save()
    acme.delete()

    rows = [row for change in log(superuser, q="app.acme")["changes"] for row in change.rows]

    assert {row.tenant for row in rows} == {"renamed"}
    assert len(told(superuser, tenant="acme", kind="removed")) == 4


def test_times_are_told_in_the_time_zone_of_the_site(superuser, acme, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    acme.origins.update(valid_until=datetime(2027, 1, 31, 20, 30, tzinfo=UTC))
    acme.origins.get().save()

    page = superuser.get(LOG).content.decode()

    assert "Feb. 1, 2027, 5:30 a.m." in page
    assert "+00:00</ins>" not in page


@pytest.mark.parametrize("reason", ["", "OPS-3"], ids=["no reason", "a reason"])
def test_what_was_imported_is_found(superuser, acme, reason):
    row = OriginFactory.build(tenant=acme, pattern=NEW)
    row._change_reason = "Imported by hand"
    row.save()
    text = f"tenant;pattern\r\nacme;{NEW}2\r\nacme;https://file.example\r\n"
    imports.confirm(superuser, imports.check(superuser, text), change_reason=reason)

    assert set(told(superuser, kind="imported")) == {f"{NEW}2 added", "https://file.example added"}


def test_an_empty_history_says_so(superuser, acme):
    for model in (Tenant, TenantHost, PathRule, Origin):
        model.history.all().delete()

    assert_says(superuser.get(LOG), "history-empty")
    assert_says(superuser.get(LOG, {"q": "x"}), "history-no-match")


def test_deleted_tenants_are_shown_to_who_sees_all(member, superuser, acme, rival):
    key = rival.pk
    deleted = "/admin/corsadmin/tenant/deleted/"
    assert_says(superuser.get(deleted), "history-none-deleted")
    rival.delete()

    assert member.get(deleted).status_code == 403
    assert member.get(f"/admin/corsadmin/tenant/{key}/history/").status_code == 404
    for wrong in ("nonsense", "987654"):
        assert superuser.get(f"/admin/corsadmin/tenant/{wrong}/timeline/").status_code == 404
