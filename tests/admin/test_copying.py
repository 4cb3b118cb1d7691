"""Copy rows to other tenants: the plan, and what is added."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from corsadmin.admin.copy_rows import views
from corsadmin.admin.preview.preview import CHANGED
from corsadmin.messages import SENTENCES
from corsadmin.models import Origin, Tenant
from tests.admin.copies import APP, confirm, errors, look, moves, plan, send
from tests.admin.forms import fields_of
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
)
from tests.messages.screens import assert_says, assert_silent, text

pytestmark = pytest.mark.slow


def test_the_action_asks_for_tenants_first(superuser, acme):
    response = send(superuser, acme.origins.all(), index="0", change_reason="OPS-1")

    shown = response.content.decode()
    assert response.status_code == 200
    assert 'class="admin-autocomplete"' in shown
    assert "autocomplete.js" in shown
    assert fields_of(response)["change_reason"] == "OPS-1"
    assert not errors(response)
    assert f"<li><code>{APP}</code> (acme)</li>" in shown
    assert "<li>and more</li>" not in shown


def test_a_key_that_is_not_a_number_is_refused(superuser, acme):
    response = send(superuser, acme.origins.all(), tenants=["x"], check="Check")

    (error,) = errors(response).as_data()["tenants"]
    assert error.code == "invalid_pk_value"


def test_of_many_rows_some_are_named_before_there_is_an_answer(superuser, acme, rival, monkeypatch):
    monkeypatch.setattr(views, "MAX_SHOWN_ROWS", 1)
    OriginFactory(tenant=acme, pattern="https://other.example")

    asked = send(superuser, acme.origins.all()).content.decode()
    answered = look(superuser, acme.origins.all(), "rival")

    assert f"<li><code>{APP}</code> (acme)</li>" in asked
    assert "<li>and more</li>" in asked
    assert_says(asked, "copy-to-be-copied")
    assert_silent(answered, "copy-to-be-copied")


def test_the_plan_says_what_becomes_of_each_row(superuser, acme, rival):
    OriginFactory(tenant=rival, pattern=APP)
    other = OriginFactory(tenant=acme, pattern="https://other.example", note="ours")
    OriginFactory(tenant=rival, pattern="https://other.example", note="theirs")
    new = OriginFactory(tenant=acme, pattern="https://*.new.example")
    wrong = OriginFactory(tenant=acme, pattern="https://Wrong.example")

    response = look(superuser, acme.origins.all(), "rival")

    assert plan(response) == [
        ("rival", APP, "there"),
        ("rival", other.pattern, "kept"),
        ("rival", new.pattern, "new"),
        ("rival", wrong.pattern, "refused"),
    ]
    shown = response.content.decode()
    assert SENTENCES["origin-upper-case"] % {"value": wrong.pattern} in shown
    assert_says(shown, "copy-other-values-stay")
    assert 'corsadmin-note">note</span>' in shown
    assert_says(shown, "copy-add-rows", counter=1)


def test_what_was_shown_is_added_as_one_change(superuser, acme, rival):
    fresh = TenantFactory(slug="fresh")
    entry = acme.origins.get()
    Origin.objects.filter(pk=entry.pk).update(scope="/api/", note="x", credentials=True)
    before = moves()

    shown = look(superuser, [entry], "rival fresh")
    response = confirm(superuser, shown, [entry], change_reason="OPS-1")

    assert response.status_code == 302
    assert moves() == before + 1
    for tenant in (rival, fresh):
        row = tenant.origins.get(pattern=APP)
        assert (row.scope, row.note, row.credentials) == ("/api/", "x", True)
        version = row.history.get()
        assert version.history_change_reason == "OPS-1"
        assert version.history_user.username == "superuser"
    logged = {
        entry.object_repr: json.loads(entry.change_message) for entry in LogEntry.objects.all()
    }
    added = [{"added": {"name": "origin", "object": f"{APP} (/api/)"}}]
    assert logged == {"fresh": added, "rival": added}
    assert LogEntry.objects.count() == 2


def test_path_rules_are_copied_too(superuser, acme, rival):
    rule = PathRuleFactory(tenant=acme, path="/x/", methods=["PUT"], max_age=60)

    shown = look(superuser, [rule], "rival", model="pathrule")
    confirm(superuser, shown, [rule])

    copy = rival.paths.get(path="/x/")
    assert (copy.methods, copy.max_age) == (["PUT"], 60)


def test_tenants_can_be_chosen_from_the_list(superuser, acme, rival):
    shown = send(superuser, acme.origins.all(), tenants=[rival.pk], check="Check")

    assert plan(shown) == [("rival", APP, "new")]
    assert f'<option value="{rival.pk}" selected>rival</option>' in shown.content.decode()


def test_the_same_row_of_two_tenants_is_added_once(superuser, acme, rival):
    OriginFactory(tenant=rival, pattern=APP)
    TenantFactory(slug="fresh")

    shown = look(superuser, Origin.objects.filter(pattern=APP), "fresh")

    assert [state for _tenant, _row, state in plan(shown)] == ["new", "twice"]


def test_a_plan_that_is_no_longer_true_is_shown_again(superuser, acme, rival):
    entry = acme.origins.get()
    shown = look(superuser, [entry], "rival")
    OriginFactory(tenant=rival, pattern=APP)
    before = moves()

    response = confirm(superuser, shown, [entry])

    assert response.context_data["refused"] == CHANGED
    assert plan(response) == [("rival", APP, "there")]
    assert moves() == before


def test_nothing_is_written_when_a_row_cannot_be(superuser, acme, rival):
    entry = acme.origins.get()
    shown = look(superuser, [entry], "rival")

    def fail(execute, sql, *rest):
        if sql.startswith("INSERT") and "historicalorigin" in sql:
            raise RuntimeError
        return execute(sql, *rest)

    before = moves()
    with connection.execute_wrapper(fail), pytest.raises(RuntimeError):
        confirm(superuser, shown, [entry])

    assert moves() == before
    assert not rival.origins.filter(pattern=APP).exists()
    assert not LogEntry.objects.exists()


def test_no_tenant_is_said(superuser, acme):
    assert errors(look(superuser, acme.origins.all(), ""))["__all__"] == [text("copy-no-targets")]


def test_more_than_a_page_can_do_is_left_to_a_file(superuser, acme):
    names = [f"t-{number}" for number in range(501)]
    Tenant.objects.bulk_create([Tenant(slug=name) for name in names])
    OriginFactory(tenant=acme)

    response = look(superuser, acme.origins.all(), " ".join(names))

    assert errors(response)["__all__"] == [text("copy-too-many-rows")]
    assert plan(response) == []


def test_a_plan_for_many_tenants_costs_few_queries(superuser, acme, django_assert_max_num_queries):
    Tenant.objects.bulk_create([Tenant(slug=f"t-{number}") for number in range(50)])

    with django_assert_max_num_queries(40):
        look(superuser, acme.origins.all(), " ".join(f"t-{number}" for number in range(50)))
