"""What counts as letting strangers in further, and in which words it is asked about."""

import pytest
from django.urls import reverse

from corsadmin.admin.risks.acceptance import MAY_NOT_OPEN, SAY_WHY
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.widening import OTHERS
from tests.admin.conftest import grant, log_in
from tests.admin.forms import errors_of, fields_of, submit
from tests.admin.imports import check, problems, said
from tests.admin.imports import confirm as confirm_import
from tests.admin.opening import file_of, is_open, page, rule, staff
from tests.admin.pastes import add
from tests.factories import OriginFactory, PathRuleFactory, UserFactory, make_site
from tests.messages.screens import filled

pytestmark = pytest.mark.slow

OPEN = {"path": "/", "any_origin": True}
ACME = {"slug": "acme", "hosts": ["acme.example.net"]}

LIST = "/admin/corsadmin/pathrule/"


@pytest.fixture(autouse=True)
def _any_host(settings):
    settings.ALLOWED_HOSTS = ["*"]


@pytest.fixture
def acme(db):
    """Acme is open but for two narrower rules, and so is the platform."""
    rule(Tenant.objects.platform(), "/", any_origin=True)
    rule(Tenant.objects.platform(), "/staff/")
    acme = make_site("acme", paths=[OPEN, {"path": "/private/"}, {"path": "/private/keys/"}])
    OriginFactory(tenant=acme)
    return acme


@pytest.fixture
def editor(acme):
    return log_in(staff(acme))


@pytest.fixture
def opener(acme):
    return log_in(staff(acme, opens=True))


def wider(paths):
    return filled("widening-paths", paths=paths)


def of(tenant, path):
    return tenant.paths.get(path=path)


def act(client, name, rows, model="pathrule"):
    url = reverse(f"admin:corsadmin_{model}_changelist")
    response = client.post(url, {"action": name, "_selected_action": [row.pk for row in rows]})
    return client.post(url, fields_of(response)) if response.status_code == 200 else response


@pytest.mark.parametrize(
    ("changes", "without"),
    [
        pytest.param({"paths-1-note": "seen"}, [], id="a note"),
        pytest.param({"paths-1-methods": "GET, PUT"}, [], id="more for listed origins"),
        pytest.param({"paths-2-DELETE": "on"}, [], id="a rule gone below another closed one"),
        pytest.param({}, ["paths-2-enabled"], id="a rule off below another closed one"),
        pytest.param({"paths-2-path": "/private/files/"}, [], id="one moved below another one"),
        pytest.param({"paths-0-DELETE": "on"}, [], id="the open rule gone"),
        pytest.param({}, ["paths-0-enabled"], id="the open rule off"),
        pytest.param(
            {"paths-1-DELETE": "on", "paths-TOTAL_FORMS": "4", "paths-3-path": "/*/",
             "paths-3-enabled": "on"},
            [],
            id="a rule gone and a wider closed one instead",
        ),
        pytest.param({"confirm_lockout": "on"}, ["is_active"], id="switched off"),
        pytest.param({"name": "Acme"}, [], id="a name"),
    ],
)  # fmt: skip
def test_what_does_not_widen_is_not_asked(editor, acme, changes, without):
    saved = submit(editor, page(acme), changes, without=without)

    assert saved.status_code == 302, errors_of(saved)


def test_what_does_not_widen_is_not_asked_at_other_doors(editor, acme):
    """Neither actions, pages of rows, imports, pasted origins nor copied rules."""
    keys, root = of(acme, "/private/keys/"), of(acme, "/")
    assert act(editor, "disable", [keys]).status_code == 302
    assert submit(editor, page(keys), {"enabled": "on"}).status_code == 302
    assert act(editor, "copy_to_tenants", [keys]).status_code == 200
    assert act(editor, "delete_selected", [keys]).status_code == 302
    assert add(editor, acme, ["https://new.example"]).status_code == 302
    shown = check(editor, file_of({"slug": "acme", "paths": [{"path": "/more/"}]}))
    assert confirm_import(editor, shown).status_code == 302
    shown = editor.get(page(root, "delete"))
    assert editor.post(page(root, "delete"), fields_of(shown)).status_code == 302

    assert sorted(acme.paths.values_list("path", flat=True)) == ["/more/", "/private/"]
    assert Origin.objects.filter(pattern="https://new.example").exists()


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        pytest.param({"methods": "GET, PUT"}, True, id="another method"),
        pytest.param({"methods": "*"}, True, id="any method"),
        pytest.param({"methods": "POST"}, False, id="a method that always passes"),
        pytest.param({"request_headers": "content-type, x-key"}, True, id="another header"),
        pytest.param({"request_headers": ""}, False, id="fewer headers"),
        pytest.param({"exposed_headers": "x-total"}, True, id="another header to read"),
        pytest.param({"max_age": "600"}, False, id="a longer memory"),
        pytest.param({"refuse_unlisted": "on"}, False, id="a refusal that never happens"),
    ],
)
def test_more_of_the_same_rule_needs_a_reason(opener, acme, changes, asked):
    address = page(of(acme, "/"))

    silent = submit(opener, address, changes)

    assert silent.status_code == (200 if asked else 302)
    if asked:
        assert errors_of(silent) == [wider("/"), str(SAY_WHY)]
        assert submit(opener, address, {**changes, "change_reason": "OPS-1"}).status_code == 302


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        pytest.param("*", "* authorization", True, id="authorization, which no star covers"),
        pytest.param("*", "* x-key", False, id="a header that the star covers"),
        pytest.param("x-key", "*", True, id="a star"),
    ],
)
def test_stars_cover_every_header_but_one(opener, acme, before, after, asked):
    acme.paths.filter(path="/").update(request_headers=[before])

    saved = submit(opener, page(of(acme, "/")), {"request_headers": after})

    assert saved.status_code == (200 if asked else 302)


def test_a_broken_rule_that_is_mended_opens_its_path(opener, acme):
    acme.paths.filter(path="/").update(methods=["G E T"])
    assert not is_open("/")

    silent = submit(opener, page(of(acme, "/")), {"methods": "GET"})

    assert errors_of(silent)[0] == wider("/")


def test_who_may_not_open_reads_why_and_finds_nothing_done(editor, acme):
    private = of(acme, "/private/")
    sentence = f"{wider('/private/')} {MAY_NOT_OPEN}"

    refused = submit(editor, page(private), without=["enabled"], change_reason="OPS-1")
    assert errors_of(refused) == [sentence]

    inline = submit(editor, page(acme), {"paths-1-DELETE": "on"}, change_reason="OPS-1")
    assert errors_of(inline) == [sentence]

    disabled = act(editor, "disable", [private])
    assert said(disabled) == [f"acme: {sentence}"]

    asked = editor.get(page(private, "delete"))
    assert asked.context["widened"] == [f"acme: {sentence}"]
    assert editor.post(page(private, "delete"), fields_of(asked)).status_code == 200

    file = check(editor, file_of({**ACME, "paths": [OPEN]}), prune="on")
    assert problems(file) == [("", "opening-not-permitted")]
    assert PathRule.objects.filter(tenant=acme, enabled=True).count() == 3


def test_many_paths_and_tenants_are_named_in_short(opener, acme):
    for name in "abcd":
        PathRuleFactory(tenant=acme, path=f"/{name}/")

    asked = opener.post(
        LIST, {"action": "disable", "_selected_action": [row.pk for row in acme.paths.all()[1:]]}
    )

    assert asked.context_data["widened"] == [f"acme: {wider('/a/, /b/, /c/, …')}"]


def test_a_page_that_asks_for_a_reason_takes_it(opener, acme):
    private = of(acme, "/private/")
    sent = {"action": "disable", "_selected_action": [private.pk], "index": "0"}

    asked = opener.post(LIST, sent)
    again = opener.post(LIST, fields_of(asked))
    done = opener.post(LIST, {**fields_of(again), "change_reason": "OPS-1"})

    assert [asked.status_code, again.status_code, done.status_code] == [200, 200, 302]
    assert asked.context_data["why"] == SAY_WHY
    assert private.history.latest().history_change_reason == "OPS-1"
    assert is_open("/private/")


def test_enabling_many_leaves_out_what_it_would_open(acme, editor):
    closed = make_site("closed", paths=[{}], is_active=False, inherits_platform=False)
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    person = log_in(staff(acme, closed))

    response = act(person, "enable", [acme, closed], model="tenant")

    changed = filled("action-rows-changed", count=1)
    assert [line.partition(":")[0] for line in said(response)] == [changed, "acme"]
    assert not Tenant.objects.get(pk=acme.pk).is_active
    assert Tenant.objects.get(pk=closed.pk).is_active


def test_a_platform_that_would_open_others_stays_off(acme):
    platform = Tenant.objects.platform()
    platform.paths.all().delete()
    acme.paths.exclude(path="/").delete()
    Tenant.objects.filter(pk=platform.pk).update(is_active=False)
    rule(platform, "/public/", any_origin=True)
    heir = make_site("heir", paths=[{"path": "/x/", "any_origin": True}])
    person = log_in(staff(platform, heir, permissions=["change_platform"]))

    act(person, "enable", [platform], model="tenant")

    assert not Tenant.objects.platform().is_active


def test_tenants_that_its_user_does_not_see_are_not_named(acme):
    platform = Tenant.objects.platform()
    person = log_in(staff(platform, opens=True, permissions=["change_platform"]))

    silent = submit(person, page(of(platform, "/staff/")), without=["enabled"])

    assert errors_of(silent) == [
        f"{OTHERS}: {filled('widening-unnamed')}",
        wider("/staff/"),
        str(SAY_WHY),
    ]
    assert "acme" not in silent.content.decode()


def test_where_nothing_is_open_nothing_is_compared(acme, django_assert_max_num_queries):
    PathRule.objects.update(any_origin=False)
    # Who is touched, what they hold, who inherits, and five for what was seen.
    with django_assert_max_num_queries(8):
        change = ProposedChange.from_deletes(PathRule.objects.all())
        assert find_consequences(change, None).widenings == []


def test_who_does_not_see_path_rules_reads_of_no_path(acme):
    acme.paths.all().delete()
    Tenant.objects.filter(pk=acme.pk).update(inherits_platform=False)
    person = log_in(grant(UserFactory(), "change_tenant", "allow_any_origin"))

    silent = submit(person, page(acme), {"inherits_platform": "on"})

    assert errors_of(silent) == [filled("widening-unnamed"), str(SAY_WHY)]


def test_a_rule_that_an_old_version_moves_elsewhere_opens_what_it_closed(acme):
    rival = make_site("rival", paths=[])
    private = of(acme, "/private/")
    old = private.history.latest()
    type(old).objects.filter(pk=old.pk).update(tenant_id=rival.pk)
    url = reverse("admin:corsadmin_pathrule_simple_history", args=[private.pk, old.pk])

    refused = submit(log_in(staff(acme, rival)), url)

    assert errors_of_version(refused) == [f"acme: {wider('/private/')} {MAY_NOT_OPEN}"]
    private.refresh_from_db()
    assert private.tenant == acme


def errors_of_version(response):
    return response.context["adminform"].form.non_field_errors()
