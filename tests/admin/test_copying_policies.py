"""Copy a policy, or parts of it, to other tenants: the plan, the choice, and what is written."""

import json

import pytest
from django.contrib.admin.models import LogEntry

from corsadmin.admin.copy_rows import telling
from corsadmin.admin.preview.preview import CHANGED, LOCKS_OUT, NOTHING
from corsadmin.models import Origin, PathRule, Tenant
from tests.admin.copies import APP, errors, moves, patterns, plan
from tests.admin.forms import fields_of
from tests.admin.policy_copies import confirm, look, messages_of
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, make_site
from tests.messages.screens import assert_says, filled, text

pytestmark = pytest.mark.slow

INHERITS = str(Tenant._meta.get_field("inherits_platform").verbose_name)


@pytest.fixture
def template(acme, rival):
    """Rival has one rule of acme's alike, one with other values, and lacks one."""
    PathRuleFactory(tenant=acme, path="/x/", methods=["PUT", "GET"], max_age=60)
    PathRuleFactory(tenant=rival, path="/x/", methods=["GET", "PUT"], note="theirs")
    PathRuleFactory(tenant=acme, path="/new/")
    return acme


def changes(response):
    """Return in which fields each row of a plan differs from the one that is there."""
    return {
        copy.name: [tuple(one) for one in copy.differences]
        for copy in response.context_data["copies"]
        if copy.differences
    }


def test_the_plan_says_what_is_added_alike_and_other(superuser, template):
    shown = look(superuser)

    assert plan(shown) == [
        ("rival", "/api/", "there"),
        ("rival", "/x/", "kept"),
        ("rival", "/new/", "new"),
        ("rival", APP, "new"),
    ]
    assert changes(shown) == {"/x/": [("max age", "", "60"), ("note", "theirs", "")]}
    assert_says(shown, "copy-count-new", new=2)
    assert_says(shown, "copy-count-kept", kept=1)
    assert_says(shown, "copy-count-there", there=1)
    assert_says(shown, "copy-never-deletes")
    assert f'value="{filled("copy-add-rows", counter=2)}"' in shown.content.decode()


def test_what_is_kept_is_said_by_name(superuser, template):
    done = confirm(superuser, look(superuser), change_reason="OPS-1")
    messages = messages_of(superuser.get(done.url))

    kept = filled("copy-kept", rows="rival: /x/")
    assert messages[:2] == [filled("copy-copied", count=2), kept]
    assert any("/undo/" in message for message in messages)
    assert Tenant.objects.get(slug="rival").paths.get(path="/x/").note == "theirs"


def test_overwriting_is_chosen_for_all(superuser, template, rival):
    rule = rival.paths.get(path="/x/")
    before = moves()

    shown = look(superuser, existing="overwrite")
    done = confirm(superuser, shown, change_reason="OPS-1")

    assert plan(shown)[1] == ("rival", "/x/", "overwritten")
    button = filled("copy-add-rows", counter=2), filled("copy-overwrite-rows", counter=1)
    assert f'value="{", ".join(button)}"' in shown.content.decode()
    assert moves() == before + 1
    rule.refresh_from_db()
    assert (rule.max_age, rule.note, set(rule.methods)) == (60, "", {"GET", "PUT"})
    assert rule.history.first().history_change_reason == "OPS-1"
    said = [filled("copy-copied", count=2), filled("copy-overwritten", count=1)]
    assert messages_of(superuser.get(done.url))[:2] == said
    logged = json.loads(LogEntry.objects.get(object_repr="rival").change_message)
    changed = {"name": "path rule", "object": "/x/", "fields": ["max age", "note"]}
    assert {"changed": changed} in logged


@pytest.mark.parametrize(
    ("existing", "box", "state"),
    [
        pytest.param("keep", "overwritten", "overwritten", id="overwritten all the same"),
        pytest.param("overwrite", "kept", "kept", id="kept all the same"),
        pytest.param(
            "overwrite", "overwritten", "overwritten", id="by the box of the other choice"
        ),
    ],
)
@pytest.mark.usefixtures("template")
def test_a_row_is_excepted_from_the_choice(superuser, existing, box, state):
    place = f"pathrule-{PathRule.objects.get(tenant__slug='rival', path='/x/').pk}"

    shown = look(superuser, existing=existing, **{box: [place]})

    assert plan(shown)[1] == ("rival", "/x/", state)
    name = {"keep": "overwritten", "overwrite": "kept"}[existing]
    checked = " checked" if name == box else ""
    assert f'name="{name}" value="{place}"{checked}>' in shown.content.decode()


def test_a_box_that_was_not_checked_shows_the_plan_again(superuser, template, rival):
    place = f"pathrule-{rival.paths.get(path='/x/').pk}"

    again = confirm(superuser, look(superuser), overwritten=[place])

    assert again.context_data["refused"] == CHANGED
    assert plan(again)[1] == ("rival", "/x/", "overwritten")
    assert confirm(superuser, again, change_reason="x").status_code == 302
    assert rival.paths.get(path="/x/").max_age == 60


def test_origins_settings_and_single_rows(superuser, template, rival):
    Tenant.objects.filter(pk=template.pk).update(inherits_platform=False)
    entry, rule = template.origins.get(), template.paths.get(path="/new/")

    settings = look(superuser, settings="on", existing="overwrite")
    rows = look(superuser, rows=f"origin-{entry.pk} pathrule-{rule.pk} pathrule-x host-1")

    assert plan(settings) == [("rival", "rival", "overwritten")]
    assert changes(settings) == {"settings": [(INHERITS, "yes", "no")]}
    assert plan(rows) == [("rival", "/new/", "new"), ("rival", APP, "new")]
    offered = ["rules" in one.context_data["form"].fields for one in (settings, rows)]
    assert offered == [True, False]
    confirm(superuser, settings, change_reason="x")
    rival.refresh_from_db()
    assert (rival.inherits_platform, rival.slug) == (False, "rival")


def test_the_platform_takes_no_settings_and_gives_none(superuser, acme, platform):
    Tenant.objects.filter(pk=acme.pk).update(inherits_platform=False)

    taken = look(superuser, slugs="platform", settings="on", existing="overwrite")
    given = look(superuser, source="platform", slugs="acme", settings="on")

    assert plan(taken) == [("platform", "platform", "kept")]
    assert_says(taken, "copy-platform-inherits-nothing")
    assert errors(given)["__all__"] == [text("copy-nothing-chosen")]


def test_hosts_never_and_no_row_is_deleted(superuser, template, rival):
    OriginFactory(tenant=rival, pattern="https://only-theirs.example")
    hosts = [*rival.hosts.values_list("host", flat=True)]

    confirm(superuser, look(superuser, existing="overwrite"), change_reason="x")

    assert [*rival.hosts.values_list("host", flat=True)] == hosts
    assert {"https://only-theirs.example", "https://app.rival.example"} <= patterns(rival)


def test_the_source_among_the_targets_stays_and_is_named(superuser, template):
    shown = look(superuser, slugs="acme rival")

    assert {tenant for tenant, _row, _state in plan(shown)} == {"rival"}
    assert_says(shown, "copy-source-stays", source="acme")
    assert errors(look(superuser, slugs="acme"))["__all__"] == [text("copy-no-targets")]


def test_an_exclusive_rule_without_its_origins_is_said(superuser, acme, rival, platform):
    PathRuleFactory(tenant=acme, path="/staff/", exclusive=True)
    scoped = OriginFactory(tenant=acme, pattern="https://staff.acme.example", scope="/staff/")
    said = filled("copy-exclusive-without-origin", tenant="rival", path="/staff/")

    assert look(superuser, rules="on").context_data["closed"] == [said]
    assert look(superuser).context_data["closed"] == []
    Origin.objects.filter(pk=scoped.pk).update(enabled=False)
    assert look(superuser).context_data["closed"] == [said]
    OriginFactory(tenant=platform, scope="/staff/a/")
    assert look(superuser, rules="on").context_data["closed"] == []
    Tenant.objects.filter(pk=rival.pk).update(inherits_platform=False)
    assert look(superuser, rules="on").context_data["closed"] == [said]
    OriginFactory(tenant=rival, scope="/staff/")
    assert look(superuser, rules="on").context_data["closed"] == []


def test_overwriting_the_last_origin_asks_like_any_lock_out(superuser, acme, rival):
    OriginFactory(tenant=acme, pattern="https://app.rival.example", enabled=False)
    sent = {"origins": "on", "existing": "overwrite"}
    acme.origins.exclude(pattern="https://app.rival.example").delete()

    shown = look(superuser, **sent)
    refused = confirm(superuser, shown, change_reason="x")

    assert shown.context_data["losses"]
    assert refused.context_data["refused"] == LOCKS_OUT
    assert confirm(superuser, refused, change_reason="x", confirm_lockout="on").status_code == 302
    assert not rival.origins.get().enabled


def other_rule(acme, rival):
    rival.paths.filter(path="/x/").update(note="edited")


def deleted_target(acme, rival):
    rival.delete()


def changed_source(acme, rival):
    acme.paths.filter(path="/new/").update(methods=["DELETE"])


def deleted_source_row(acme, rival):
    acme.paths.filter(path="/new/").delete()


def added_there(acme, rival):
    PathRuleFactory(tenant=rival, path="/new/", note="theirs")


def deleted_source(acme, rival):
    acme.delete()


@pytest.mark.parametrize(
    "meanwhile",
    [
        other_rule,
        deleted_target,
        changed_source,
        deleted_source_row,
        added_there,
        deleted_source,
    ],
)
def test_what_was_changed_meanwhile_is_shown_and_nothing_written(
    superuser, template, rival, meanwhile
):
    TenantFactory(slug="third")
    shown = look(superuser, slugs="rival third", existing="overwrite")
    meanwhile(template, rival)
    before = moves()

    again = confirm(superuser, shown, change_reason="x", confirm_lockout="on")

    assert again.status_code == 200
    assert again.context_data.get("refused") == CHANGED
    assert moves() == before
    assert not Tenant.objects.get(slug="third").paths.exists()


def test_nothing_to_do_writes_nothing(superuser, acme, rival):
    shown = look(superuser, rules="on")

    assert plan(shown) == [("rival", "/api/", "there")]
    assert "copy" not in fields_of(shown)
    refused = confirm(superuser, shown, digest=shown.context_data["digest"])
    assert refused.context_data["refused"] == NOTHING


def test_far_too_much_is_counted_not_read(superuser, acme, django_assert_max_num_queries):
    Tenant.objects.bulk_create([Tenant(slug=f"t-{number}") for number in range(5_000)])
    acme.origins.bulk_create([OriginFactory.build(tenant=acme) for _number in range(1_001)])

    with django_assert_max_num_queries(19):
        many = look(superuser, slugs=" ".join(f"t-{number}" for number in range(5_000)))
    with django_assert_max_num_queries(19):
        one = look(superuser, slugs="t-1")

    for response in (many, one):
        assert errors(response)["__all__"] == [text("copy-too-many-rows")]
    # Of the same tenant what is few can be copied to many.
    assert len(plan(look(superuser, slugs="t-1 t-2", rules="on"))) == 2


def test_a_plan_for_200_tenants_costs_few_queries(superuser, acme, django_assert_max_num_queries):
    Tenant.objects.bulk_create([Tenant(slug=f"t-{number}") for number in range(200)])
    PathRuleFactory(tenant=acme, path="/x/")
    OriginFactory(tenant=acme, pattern="https://pr-*.acme.dev")
    slugs = " ".join(f"t-{number}" for number in range(200))

    with django_assert_max_num_queries(40):
        assert len(plan(look(superuser, slugs=slugs))) == 800


def test_of_many_rows_that_stay_some_are_named(superuser, acme, monkeypatch):
    monkeypatch.setattr(telling, "MAX_NAMED_ROWS", 2)
    for slug in ("one", "three", "two"):
        make_site(slug, origins=[])
        PathRule.objects.filter(tenant__slug=slug).update(note="theirs")

    page = superuser.get(confirm(superuser, look(superuser, slugs="one two three")).url)

    rows = filled("copy-more-rows", rows="one: /api/; three: /api/", count=1)
    assert filled("copy-kept", rows=rows) in messages_of(page)


def test_rows_that_cannot_be_copied_are_named(superuser, acme, rival):
    OriginFactory(tenant=acme, pattern="https://Wrong.example")

    page = superuser.get(confirm(superuser, look(superuser)).url)

    assert filled("copy-not-copied", rows="rival: https://Wrong.example") in messages_of(page)
