"""Who may make a call work: the parts of a member, whom to ask for the others, forged forms."""

import pytest
from django.urls import reverse

from corsadmin.admin.base import PolicyAdmin
from corsadmin.admin.preview.preview import CHANGED
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.access import ALLOW_ANY_ORIGIN
from tests.admin.conftest import grant, log_in
from tests.admin.doors import undone
from tests.admin.forms import fields_of
from tests.admin.making import CALL, NEW, moves, page, save, told
from tests.factories import OriginFactory, PathRuleFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

TRY = reverse("admin:corsadmin_tenant_try")
MAKE = reverse("admin:corsadmin_tenant_make")
HTTP = "http://shop.example"


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def stored():
    return [
        [*model.objects.order_by("pk").values()] for model in (Tenant, TenantHost, PathRule, Origin)
    ]


def test_a_member_makes_a_call_of_the_own_tenant_work(member, acme):
    done = save(member, page(credentials="on"), change_reason="OPS-1")

    assert member.get(done.url).context["found"].allowed


def test_a_member_copies_a_rule_of_the_platform_and_never_changes_it(member, acme, platform):
    acme.paths.all().delete()
    PathRuleFactory(tenant=platform, path="/api/", methods=["GET"])

    done = save(member, page())

    assert member.get(done.url).context["found"].allowed
    assert platform.paths.get().methods == ["GET"]


def test_a_member_is_told_whom_to_ask_for_a_risk_and_gets_the_other_parts(member, acme):
    url = page(origin=HTTP, credentials="on")

    shown = member.get(url)
    done = save(member, url, shown)

    ((sentences, ask),) = shown.context["asks"]
    assert HTTP in sentences[0]
    assert ask == filled("whom-risk")
    assert ask in shown.content.decode()
    assert acme.paths.get().methods == ["GET", "HEAD", "POST", "PUT"]
    assert not Origin.objects.filter(pattern=HTTP).exists()
    left = member.get(done.url).context
    assert [ask for _sentence, ask in left["changes"] if ask] == [ask, ask]
    assert not left["can_make"]


def test_a_member_is_told_whom_to_ask_for_a_host_and_gets_the_other_parts(member, acme):
    url = page(url="https://new.example.net/api/x")

    asked = member.get(url)
    shown = member.get(f"{url}&tenant=acme")
    save(member, f"{url}&tenant=acme", shown)

    assert asked.context["tenants"] == ["acme"]
    answer = member.get(TRY, {**CALL, "url": "https://new.example.net/api/x"})
    assert [ask for _sentence, ask in answer.context["changes"]] == [filled("whom-hosts")]
    assert [ask for _sentences, ask in shown.context["asks"]] == [filled("whom-hosts")]
    assert not TenantHost.objects.filter(host="new.example.net").exists()
    assert Origin.objects.filter(pattern=NEW, tenant=acme).exists()
    assert acme.paths.get().methods[-1] == "PUT"


def test_a_member_is_told_whom_to_ask_to_open_a_path(member, acme):
    acme.paths.update(any_origin=True, enabled=False)

    response = member.get(TRY, CALL)
    opened = member.get(page())

    asks = [ask for _sentence, ask in response.context["changes"]]
    assert asks == [filled("whom-open")] * 3
    assert opened.url.startswith(TRY)


def test_an_editor_is_told_whom_to_ask_for_the_platform(editor, platform, settings):
    settings.CORSADMIN = {**settings.CORSADMIN, "TENANT_RESOLVER": "corsadmin.tenants.single"}
    PathRuleFactory(tenant=platform, path="/api/")

    response = editor.get(TRY, CALL)

    asks = {ask for _sentence, ask in response.context["changes"]}
    assert asks == {filled("whom-platform")}
    assert not response.context["can_make"]


def test_those_who_may_write_no_row_save_nothing(viewer, acme):
    before = stored()

    opened = viewer.get(page())
    sent = viewer.post(page(), {"save": "x", "version": "x", "origin-0-pattern": NEW})

    assert opened.url == sent.url == f"{TRY}?{page().partition('?')[2]}"
    assert stored() == before
    assert_says(viewer.get(sent.url), "make-nothing-left")


def test_the_page_is_for_those_who_see_some_policy(outsider, client):
    assert outsider.get(page()).status_code == outsider.post(page()).status_code == 403
    assert client.get(page()).status_code == 302


@pytest.mark.parametrize("person", ["member", "viewer"])
def test_what_one_may_not_see_is_answered_as_what_does_not_exist(request, person, acme, rival):
    client = request.getfixturevalue(person)
    OriginFactory(tenant=rival, pattern=NEW)
    before = stored()

    def answers(host, slug):
        for more in ("", f"&tenant={slug}"):
            url = page(url=f"https://{host}.example.net/api/x") + more
            for response in (client.get(url), client.post(url, {"save": "x"})):
                text = response.url if response.status_code == 302 else response.content.decode()
                text = text.replace(host, "HOST").replace(slug, "SLUG")
                yield response.status_code, text.partition("csrfmiddlewaretoken")[0]

    assert [*answers("rival", "rival")] == [*answers("nobody", "nobody")]
    assert stored() == before


def test_an_inactive_tenant_that_one_may_not_see_is_not_told_of(member, acme, rival):
    Tenant.objects.filter(pk=rival.pk).update(is_active=False)

    shown = member.get(page(url="https://rival.example.net/api/x"))

    assert shown.context["tenants"] == ["acme"]
    assert "active" not in shown.content.decode().partition("corsadmin-question")[2]


FORGED = {
    "another tenant": {"tenant": "{rival}", "origin-0-tenant": "{rival}", "id": "{rival}"},
    "another row": {"origin-0-id": "{row}", "pathrule-1-id": "{row}"},
    "fields that are not shown": {
        "pathrule-1-any_origin": "on",
        "pathrule-1-enabled": "",
        "pathrule-1-path": "/",
        "slug": "stolen",
        "inherits_platform": "",
        "origin-0-made_by": "ci",
    },
    "a risk": {"origin-0-risk_accepted": "on"},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_forged_fields_change_nothing_else(member, acme, rival, forged):
    names = {"rival": rival.pk, "row": rival.origins.get().pk}
    before = [*rival.origins.values(), *rival.paths.values()]

    done = save(member, page(), **{name: text.format(**names) for name, text in forged.items()})

    assert done.status_code == 302
    assert [*rival.origins.values(), *rival.paths.values()] == before
    acme.refresh_from_db()
    assert (acme.slug, acme.inherits_platform) == ("acme", True)
    rule, entry = acme.paths.get(), acme.origins.get(pattern=NEW)
    assert (rule.path, rule.enabled, rule.any_origin) == ("/api/", True, False)
    assert (entry.made_by, entry.risk_accepted) == ("", False)


NONSENSE = ["", "x" * 5000, "\x00", "😀", "-1", "9" * 40, "2026-13-45T99:99", "on", "[]", "*"]


@pytest.mark.sweep
@pytest.mark.parametrize("number", range(len(NONSENSE)))
def test_nonsense_is_refused_and_no_crash(superuser, acme, number):
    url = page(url="https://acme.example.net/other/x", credentials="on")
    shown = superuser.get(url)

    # Each text in a third of the fields, each field with a third of the texts.
    for name in sorted({*fields_of(shown)} - {"csrfmiddlewaretoken"})[number % 3 :: 3]:
        with undone():
            response = save(superuser, url, shown, **{name: NONSENSE[number]})

        assert response.status_code in (200, 302), name


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["origin", "url", "method", "headers", "said", "tenant"])
def test_a_forged_question_is_no_crash(superuser, acme, name):
    for number, text in enumerate(NONSENSE):
        url, asked = page(**{name: text}), {**CALL, name: text}
        # Opened, saved and asked in turn.
        ask = (superuser.get, superuser.post, superuser.post)[number % 3]
        where, sent = ((url, {}), (url, {"save": "x"}), (MAKE, asked))[number % 3]

        assert ask(where, sent).status_code in {200, 302}, text


def test_a_page_that_was_sent_twice_writes_once(superuser, acme):
    shown = superuser.get(page())
    first = save(superuser, page(), shown)
    before = stored()

    second = save(superuser, page(), shown)

    assert first.status_code == second.status_code == 302
    assert stored() == before
    assert_says(superuser.get(second.url), "make-nothing-left")


@pytest.mark.parametrize("what", ["rule", "entry", "platform", "version"])
def test_a_page_that_was_overtaken_is_shown_anew(superuser, acme, platform, what):
    shown = superuser.get(page())
    if what == "rule":
        rule = acme.paths.get()
        rule.methods = ["GET", "DELETE"]
        rule.save()
    elif what == "entry":
        OriginFactory(tenant=acme, pattern=NEW, enabled=False)
    elif what == "platform":
        PathRuleFactory(tenant=platform, path="/api/greet/deep")
    before = stored()

    forged = {"version": "0" * 16} if what == "version" else {}
    refused = save(superuser, page(), shown, change_reason="OPS-6", **forged)

    assert refused.status_code == 200
    assert str(CHANGED) in refused.content.decode()
    assert fields_of(refused)["change_reason"] == "OPS-6"
    assert stored() == before
    done = save(superuser, page(), refused)
    assert superuser.get(done.url).context["found"].allowed
    if what == "rule":
        assert acme.paths.get().methods == ["GET", "DELETE", "PUT"]


def test_somebody_who_is_faster_by_a_moment_is_noticed(superuser, acme, monkeypatch):
    shown = superuser.get(page())
    open_change = PolicyAdmin.one_change

    def overtaken(modeladmin):
        if not Origin.objects.filter(pattern="https://faster.example").exists():
            OriginFactory(tenant=acme, pattern="https://faster.example")
        return open_change(modeladmin)

    monkeypatch.setattr(PolicyAdmin, "one_change", overtaken)

    refused = save(superuser, page(), shown)

    assert refused.status_code == 200
    assert str(CHANGED) in refused.content.decode()
    assert not Origin.objects.filter(pattern=NEW).exists()
    assert save(superuser, page(), refused).status_code == 302


def test_a_tenant_that_is_gone_meanwhile_is_no_crash(superuser, acme):
    shown = superuser.get(page())
    acme.delete()

    response = save(superuser, page(), shown)

    assert response.status_code == 200
    assert "tenants" in response.context


def test_a_widening_is_forbidden_to_those_who_may_not_open_paths(acme):
    acme.paths.update(path="/", any_origin=True, methods=["GET"])
    opener = UserFactory()
    TenantMemberFactory(tenant=acme, user=opener, role="editor")
    client = log_in(opener)
    url = page(method="DELETE", headers=None)
    before = moves()

    asks = [
        ask for _sentence, ask in client.get(TRY, {**CALL, "method": "DELETE"}).context["changes"]
    ]
    assert {*asks} == {filled("whom-open")}
    assert client.get(url).url.startswith(TRY)
    grant(opener, ALLOW_ANY_ORIGIN.partition(".")[2])
    client = log_in(type(opener).objects.get(pk=opener.pk))
    silent = save(client, url)
    assert "change_reason" in silent.context["form"].errors
    assert told(silent)
    assert moves() == before
    assert save(client, url, silent, change_reason="OPS-7").status_code == 302
