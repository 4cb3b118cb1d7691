"""Make this call work: every change in one form, saved as one change, and the question again."""

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.proposed_change.losses import OWN
from tests.admin.forms import fields_of, without_effect
from tests.admin.making import NEW, moves, page, save, told
from tests.factories import OriginFactory, PathRuleFactory, make_site
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

APP = "https://app.acme.example"
TRY = reverse("admin:corsadmin_tenant_try")


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def test_all_changes_are_one_change_and_the_question_stands_there_again(superuser, acme):
    before = moves()

    done = save(superuser, page(credentials="on"), change_reason="OPS-1")

    assert done.status_code == 302
    assert moves() == before + 1
    answer = superuser.get(done.url)
    assert answer.context["found"].allowed
    assert fields_of(answer)["headers"] == "X-Request-Id"
    assert_says(answer, "action-rows-changed", count=2)
    entry, rule = Origin.objects.get(pattern=NEW), acme.paths.get()
    assert (entry.credentials, rule.credentials) == (True, True)
    assert rule.methods == ["GET", "HEAD", "POST", "PUT"]
    assert rule.request_headers == ["content-type", "x-request-id"]
    for row in (entry, rule):
        version = row.history.first()
        assert version.history_change_reason == "OPS-1"
        assert version.history_user.username == "superuser"
    said = LogEntry.objects.get()
    assert (said.object_id, said.user.username) == (str(acme.pk), "superuser")
    assert NEW in said.change_message
    assert "/api/" in said.change_message


def test_each_row_says_what_changes_and_shows_only_what_counts(superuser, acme):
    shown = superuser.get(page())

    new, rule = shown.context["form"].rows
    assert (new.title, rule.title) == (f"Origin {NEW}", "Path rule /api/")
    assert new.part.sentences == [filled("explain-add-origin", origin=NEW, tenant="acme")]
    assert len(rule.part.sentences) == 2
    assert [*rule.fields] == ["methods", "request_headers"]
    assert [*new.fields] == ["pattern", "credentials", "scope", "valid_until", "note"]


def test_a_row_that_is_not_shown_keeps_what_it_has(superuser, acme):
    acme.paths.update(max_age=60, note="kept", exposed_headers=["x-total"], refuse_unlisted=True)

    save(superuser, page())

    rule = acme.paths.get()
    assert (rule.max_age, rule.note, rule.refuse_unlisted) == (60, "kept", True)
    assert rule.exposed_headers == ["x-total"]


def test_a_rule_of_the_platform_is_copied_with_all_that_it_says(superuser, acme, platform):
    acme.paths.all().delete()
    PathRuleFactory(
        tenant=platform, path="/api/", methods=["GET"], refuse_unlisted=True, exclusive=True
    )

    done = save(superuser, page())

    copy = acme.paths.get()
    assert (copy.exclusive, copy.refuse_unlisted) == (True, True)
    assert platform.paths.get().methods == ["GET"]
    assert Origin.objects.get(pattern=NEW).scope == "/api/"
    assert superuser.get(done.url).context["found"].allowed


@pytest.mark.parametrize(
    ("entry", "changed"),
    [
        pytest.param({"enabled": False}, {"enabled": True}, id="disabled"),
        pytest.param({"scope": "/api/other/"}, {"scope": "/api/"}, id="a scope"),
        pytest.param(
            {"valid_from": datetime(2999, 1, 1, tzinfo=UTC)}, {"enabled": True}, id="a start"
        ),
        pytest.param(
            {"valid_until": datetime(2020, 1, 1, tzinfo=UTC)}, {"enabled": True}, id="an end"
        ),
    ],
)
def test_a_stored_entry_is_changed_and_no_other_one_is_added(superuser, acme, entry, changed):
    OriginFactory(tenant=acme, pattern=NEW, **entry)

    done = save(superuser, page())

    assert superuser.get(done.url).context["found"].allowed
    (row,) = Origin.objects.filter(pattern=NEW).values(*changed)
    assert row == changed


def test_a_preset_fills_the_lists_of_a_new_rule(superuser, acme):
    url = page(url="https://acme.example.net/other/x")

    filled = save(superuser, url, **{"pathrule-0-preset": "json-api"})
    done = save(superuser, url, filled)

    assert [*filled.context["form"].rows[0].fields][:2] == ["path", "preset"]
    assert filled.status_code == 200
    assert done.status_code == 302
    assert "DELETE" in PathRule.objects.get(path="/other/x").methods


def test_a_rule_for_a_new_path_is_added(superuser, acme):
    done = save(superuser, page(url="https://acme.example.net/other/x?y=1"))

    assert superuser.get(done.url).context["found"].allowed
    assert PathRule.objects.get(path="/other/x").methods == ["GET", "HEAD", "POST", "PUT"]


def test_what_a_person_writes_instead_is_saved(superuser, acme):
    url = page(url="https://acme.example.net/other/x")

    done = save(superuser, url, **{"pathrule-0-path": "/other/", "origin-1-note": "OPS-2"})

    assert superuser.get(done.url).context["found"].allowed
    assert PathRule.objects.filter(path="/other/").exists()
    assert Origin.objects.get(pattern=NEW).note == "OPS-2"


def test_an_inactive_tenant_is_set_active_with_the_rest(superuser, acme):
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    before = moves()

    shown = superuser.get(page())
    done = save(superuser, page(), shown)

    assert_says(shown, "make-tenant", tenant="acme")
    assert fields_of(shown)["is_active"] == "on"
    assert superuser.get(done.url).context["found"].allowed
    assert moves() == before + 1
    acme.refresh_from_db()
    assert (acme.is_active, acme.name) == (True, "Acme")


def test_what_the_gate_refuses_is_said_at_its_field(superuser, acme):
    before = moves()

    refused = save(
        superuser, page(), **{"origin-0-pattern": f"{NEW}/", "pathrule-1-methods": "put"}
    )

    assert refused.status_code == 200
    assert len(told(refused)) == 2
    assert f'data-corsadmin-value="{NEW}"' in refused.content.decode()
    assert moves() == before


def test_a_risk_is_accepted_by_a_tick_and_a_reason(superuser, acme):
    url = page(origin="http://shop.example", credentials="on")

    shown = superuser.get(url)
    unticked = save(superuser, url, shown)
    silent = save(superuser, url, unticked, **{"origin-0-risk_accepted": "on"})
    done = save(superuser, url, silent, change_reason="OPS-3")

    assert "origin-0-risk_accepted" not in fields_of(shown)
    assert (unticked.status_code, silent.status_code) == (200, 200)
    assert "change_reason" in silent.context["form"].errors
    assert Origin.objects.get(pattern="http://shop.example").risk_accepted
    answer = superuser.get(done.url)
    assert answer.context["found"].allowed
    told = without_effect(answer.context["messages"])
    assert [message.level_tag for message in told] == ["success", "warning"]


def test_a_risk_that_somebody_types_can_be_accepted_as_well(superuser, acme):
    values = {"origin-0-pattern": "http://shop.example", "origin-0-credentials": "on"}

    refused = save(superuser, page(), **values)
    ticked = {"origin-0-risk_accepted": "on", "change_reason": "OPS-3"}
    done = save(superuser, page(), refused, **ticked)

    assert len(told(refused)) == 1
    assert "risk_accepted" in refused.context["form"].rows[0].fields
    assert done.status_code == 302
    assert Origin.objects.get(pattern="http://shop.example").risk_accepted


def test_a_stored_entry_needs_its_risk_accepted_too(superuser, acme):
    OriginFactory(tenant=acme, pattern="http://shop.example")
    url = page(origin="http://shop.example", credentials="on", method="GET", headers="")

    done = save(superuser, url, **{"origin-1-risk_accepted": "on"}, change_reason="OPS-3")

    assert superuser.get(done.url).context["found"].allowed


def test_a_star_in_a_rule_with_credentials_asks_for_a_reason(superuser, acme):
    acme.paths.update(credentials=True)

    silent = save(superuser, page(), **{"pathrule-1-methods": "*"})
    done = save(superuser, page(), silent, change_reason="OPS-4")

    assert "change_reason" in silent.context["form"].errors
    assert done.status_code == 302
    assert acme.paths.get().methods == ["*"]


def test_a_change_that_locks_the_page_out_asks_first(superuser, acme):
    own = OriginFactory(tenant=acme, pattern="http://testserver", scope="/api/other/")
    url = page(origin="http://testserver", method=None, headers=None)
    before = moves()

    asked = save(superuser, url, **{"origin-0-scope": "/nowhere/"})
    unmoved = moves()
    done = save(superuser, url, asked, confirm_lockout="on")

    assert asked.context["losses"] == [OWN]
    assert_says(asked, "lockout-not-saved")
    assert (unmoved, done.status_code) == (before, 302)
    own.refresh_from_db()
    assert own.scope == "/nowhere/"


def test_what_opens_a_path_needs_a_reason(superuser, acme):
    acme.paths.update(any_origin=True, enabled=False)

    silent = save(superuser, page())
    done = save(superuser, page(), silent, change_reason="OPS-5")

    assert "change_reason" in silent.context["form"].errors
    assert done.status_code == 302
    assert acme.paths.get().enabled


def test_nothing_is_written_where_every_change_was_undone(superuser, acme):
    OriginFactory(tenant=acme, pattern=NEW)
    before = moves()

    done = save(superuser, page(headers=None), **{"pathrule-0-methods": "GET, HEAD, POST"})

    assert done.status_code == 302
    assert moves() == before
    assert_says(superuser.get(done.url), "rows-none-changed")


def test_another_tenant_is_left_alone(superuser, acme, rival):
    make_site("third")
    before = [*Tenant.objects.exclude(slug="acme").order_by("pk").values()]

    save(superuser, page(), change_reason="x")

    assert [*Tenant.objects.exclude(slug="acme").order_by("pk").values()] == before
