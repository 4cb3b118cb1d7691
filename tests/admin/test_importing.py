"""Import in the admin: look at the plan, confirm exactly that one, or be shown another."""

import pytest
from django.urls import reverse

from corsadmin.admin.import_file.views import ALREADY
from corsadmin.admin.preview.preview import CHANGED
from corsadmin.models import Origin
from tests.admin.forms import fields_of
from tests.admin.imports import (
    NEW,
    OLD,
    PAGE,
    TABLE,
    check,
    confirm,
    document,
    moves,
    origins,
    patterns,
    said,
    steps,
)
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow


def test_the_empty_page_asks_and_writes_nothing(member):
    before = moves()

    response = member.get(PAGE, {"text": TABLE, "apply": "Import this"})

    assert response.status_code == 200
    assert reverse("admin:corsadmin_tenant_import") == PAGE
    assert fields_of(response)["text"] == ""
    assert "plan" not in response.context
    assert moves() == before


def test_a_plan_is_shown_field_by_field_and_nothing_is_written(member, acme):
    before = moves()
    rows = [{"pattern": OLD, "credentials": True}, {"pattern": NEW, "note": "shop"}]
    text = document(origins(*rows, name="Acme Inc."))

    response = check(member, text)

    assert steps(response) == [
        ("~", "tenant", "", [("name", acme.name, "Acme Inc.")]),
        ("~", "origin", OLD, [("credentials", "no", "yes")]),
        ("+", "origin", NEW, [("note", "", "shop")]),
    ]
    assert moves() == before
    assert patterns(acme) == {OLD}
    assert fields_of(response)["text"] == text
    shown = response.content.decode()
    assert "credentials: <del>no</del> → <ins>yes</ins>" in shown
    assert "onclick" not in shown
    assert "<style" not in shown


def test_what_was_confirmed_is_one_change_with_user_and_reason(member, acme):
    shown = check(member, TABLE)
    before = moves()

    response = confirm(member, shown, change_reason="OPS-7")

    added = Origin.objects.get(pattern=NEW)
    version = added.history.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("admin:corsadmin_tenant_changelist")
    done = filled("import-done", generation=before + 1, added=1, changed=0, removed=0)
    assert said(response) == [done]
    assert moves() == before + 1
    assert patterns(acme) == {OLD, NEW}
    assert (version.history_user.username, version.history_change_reason) == (
        "member",
        "Import: OPS-7",
    )


@pytest.mark.parametrize("prune", [False, True])
def test_rows_go_only_when_asked_to(member, acme, prune):
    text = f"tenant;pattern\r\nacme;{NEW}\r\n"

    shown = check(member, text, **({"prune": "on"} if prune else {}))
    confirm(member, shown)

    assert [sign for sign, *_rest in steps(shown)] == ["-", "+"][not prune :]
    assert patterns(acme) == ({NEW} if prune else {OLD, NEW})


def test_what_is_there_already_has_nothing_to_confirm(member, acme):
    before = moves()

    response = check(member, f"tenant,pattern\nacme,{OLD}\n", change_reason="kept")

    assert steps(response) == []
    assert_says(response, "import-all-match")
    assert "digest" not in fields_of(response)
    assert fields_of(response)["change_reason"] == "kept"
    assert moves() == before


REFUSALS = [
    pytest.param({"text": TABLE + "acme,https://x.example\n"}, id="another text"),
    pytest.param({"prune": "on"}, id="removals that were not shown"),
    pytest.param({"accepted": "*"}, id="corrections that were not shown"),
    pytest.param({"format": "yaml"}, id="another format"),
]


@pytest.mark.parametrize("change", REFUSALS)
def test_what_was_not_shown_is_not_written(member, acme, change):
    shown = check(member, TABLE)
    before = moves()

    response = confirm(member, shown, **change)

    assert response.status_code == 200
    assert str(CHANGED) in response.content.decode()
    assert moves() == before
    assert patterns(acme) == {OLD}


def test_the_plan_of_another_user_is_shown_anew(member, superuser, acme):
    shown = check(superuser, TABLE)

    refused = confirm(member, shown)
    accepted = confirm(member, refused)

    assert str(CHANGED) in refused.content.decode()
    assert accepted.status_code == 302
    assert Origin.objects.get(pattern=NEW).history.get().history_user.username == "member"


def test_a_plan_that_was_overtaken_is_shown_anew(member, acme):
    table = f"tenant,pattern,credentials,note\nacme,{OLD},true,\n"
    shown = check(member, table, change_reason="x")
    row = acme.origins.get()
    row.note = "meanwhile"
    row.save()
    before = moves()

    refused = confirm(member, shown, change_reason="OPS-8")

    assert str(CHANGED) in refused.content.decode()
    assert moves() == before
    assert steps(refused)[0][3] == [
        ("credentials", "no", "yes"),
        ("note", "meanwhile", ""),
    ]
    assert fields_of(refused)["change_reason"] == "OPS-8"
    assert confirm(member, refused).status_code == 302


def test_r55_a_plan_is_carried_out_once(member, acme):
    shown = check(member, TABLE)

    first, second = confirm(member, shown), confirm(member, shown)

    assert first.status_code == 302
    assert str(ALREADY) in second.content.decode()
    assert acme.origins.filter(pattern=NEW).count() == 1


def test_what_a_file_holds_is_written_as_text(member, acme):
    response = check(
        member, document(origins({"pattern": NEW, "note": "<script>alert(1)</script>"}))
    )

    assert "<script>alert" not in response.content.decode()
    assert "&lt;script&gt;alert(1)" in response.content.decode()
