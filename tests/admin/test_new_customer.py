"""A new customer on one page: looked at first, then saved as one change."""

import pytest
from django.contrib.admin.models import ADDITION, LogEntry

from corsadmin.admin.preview.preview import CHANGED
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Generation, Origin, Tenant, TenantHost
from tests.admin import undoing
from tests.admin.customers import PAGE, look, said, save, tenant_page
from tests.admin.forms import fields_of
from tests.admin.pastes import in_words
from tests.factories import PathRuleFactory
from tests.messages.screens import assert_says, assert_silent, filled

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def served(settings):
    """Have Django answer at every name of the tests."""
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def held(slug="new-customer-inc"):
    """Return what a tenant holds, as sorted texts."""
    tenant = Tenant.objects.get(slug=slug)
    return (
        [row.host for row in tenant.hosts.order_by("host")],
        [row.pattern for row in tenant.origins.order_by("pattern")],
        [row.path for row in tenant.paths.all()],
    )


def test_all_of_it_is_one_change_that_leads_on_and_can_be_undone(superuser, acme):
    before = Generation.objects.get().value
    shown = look(superuser, lines="https://app.new.example\nhttps://App.new.example:444/x")

    assert Tenant.objects.count() == 2  # acme and the platform
    saved = save(superuser, shown)

    tenant = Tenant.objects.get(slug="new-customer-inc")
    assert saved.url == tenant_page(tenant)
    assert Generation.objects.get().value == before + 1
    assert held() == (
        ["new.example.net"],
        ["https://app.new.example", "https://app.new.example:444"],
        ["/api/"],
    )
    added, effect = said(saved)
    assert_says(added, "customer-has", rows=in_words(origins=2, hosts=1))
    assert "/tenant/try/?origin=https%3A%2F%2Fapp.new.example&amp;url=" in added
    assert f"/tenantmember/add/?tenant={tenant.pk}&amp;back=" in added
    assert tenant.history.get().history_change_reason == "OPS-1"
    assert LogEntry.objects.get().action_flag == ADDITION
    assert f'href="{undoing.page()}"' in effect
    assert undoing.undo(superuser).status_code == 302
    assert not Tenant.objects.filter(slug="new-customer-inc").exists()


def test_the_preview_says_what_becomes_possible_and_what_does_not_work(superuser, acme):
    shown = look(superuser, hosts="new.example.net, acme.example.net, nowhere.invalid")

    assert shown.context["sentences"] == [
        filled("customer-hosts", hosts="new.example.net, nowhere.invalid"),
        filled("customer-origins", origins="https://app.new.example"),
        filled(
            "customer-methods",
            path=filled("customer-and-below", path="/api/"),
            methods="GET, HEAD, POST, PUT, PATCH, DELETE",
        ),
        filled("customer-request-headers", names="content-type"),
        filled("customer-response-headers", names="location"),
        filled("customer-no-cookies"),
    ]
    outlook = shown.context["outlook"]
    assert outlook.example.is_allowed
    assert [line.state for line in shown.context["lines"]] == ["right", "wrong", "right", "right"]
    assert [finding.code for finding in outlook.review.findings] == ["host-not-allowed"]
    assert shown.context["left_out"] == 1
    assert_says(said(save(superuser, shown))[1], "customer-left-out", finds="acme.example.net")


def test_what_is_not_given_is_not_made(superuser, acme):
    """The rules of the platform hold then."""
    PathRuleFactory(tenant=Tenant.objects.platform(), path="/shared/", methods=["GET"])
    empty = superuser.get(PAGE)
    shown = look(superuser, hosts="", lines="Nothing yet.", template=fields_of(empty)["template"])

    assert fields_of(empty)["template"] == "none"
    assert shown.context["outlook"].example is None
    assert len(shown.context["sentences"]) == 3
    saved = save(superuser, shown)
    assert held() == ([], [], [])
    assert_silent(said(saved)[0], "customer-has")


def test_a_call_that_stays_blocked_says_why(superuser, acme):
    shown = look(superuser, valid_until="2020-01-01T00:00", credentials="on")

    outlook = shown.context["outlook"]
    assert not outlook.example.is_allowed
    assert outlook.reason in shown.content.decode()
    assert_says(shown, "customer-ends")
    assert [finding.code for finding in outlook.review.findings] == ["expired"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"slug": "acme"}, "slug", id="a slug that is taken"),
        pytest.param({"slug": "ACME"}, "slug", id="a slug in another case"),
        pytest.param({"name": "Acme"}, "slug", id="a name whose slug is taken"),
        pytest.param({"name": "株式会社"}, "slug", id="a name without letters for a slug"),
        pytest.param({"slug": "platform"}, "slug", id="the platform's slug"),
        pytest.param({"name": "Platform"}, "slug", id="the platform's name"),
        pytest.param({"slug": "<script>"}, "slug", id="markup in the slug"),
        pytest.param({"hosts": "not yet known"}, "hosts", id="prose in place of hosts"),
        pytest.param({"hosts": "a.example " * 501}, "hosts", id="too many hosts"),
        pytest.param({"lines": "https://a.example\n" * 10_000}, "lines", id="10,000 origins"),
        pytest.param({"template": "sentry"}, "template", id="a preset that is not a template"),
        pytest.param({"template": '"><script>'}, "template", id="a forged preset"),
        pytest.param({"path": "api"}, "path", id="a path without a slash"),
        pytest.param({"path": ""}, "path", id="no path"),
        pytest.param({"valid_until": "soon"}, "valid_until", id="an end that is not a date"),
    ],
)
def test_the_cursor_stands_where_something_is_wrong_and_nothing_typed_is_lost(
    superuser, acme, given, field
):
    typed = {"note": "x", "hosts": "other.example.net", "credentials": "on", **given}

    for button in ({}, {"save": "Save all"}):
        refused = look(superuser, **typed, **button)

        form = refused.context["form"]
        assert [*form.errors] == [field]
        assert form[field].field.widget.attrs["autofocus"]
        page = refused.content.decode()
        assert page.count("autofocus") >= 1
        assert "<script>" not in page.replace("<script>\n", "")
        kept = fields_of(refused)
        assert kept["credentials"] == "on"
        assert kept["lines"].splitlines() == form.data["lines"].splitlines()
        assert refused.context.get("refused") == (CHANGED if button else None)
    assert Tenant.objects.count() == 2


def test_names_are_shown_as_text(superuser, acme):
    shown = look(
        superuser, name="<b>Bold & Sons</b>", slug="bold", lines="<b>https://x.example</b>"
    )
    saved = superuser.post(PAGE, {**fields_of(shown), "save": "Save"}, follow=True)

    assert "<b>Bold" not in shown.content.decode() + saved.content.decode()
    assert Tenant.objects.get(slug="bold").name == "<b>Bold & Sons</b>"


def test_what_is_sent_twice_is_saved_once(superuser, acme):
    shown = look(superuser)
    assert save(superuser, shown).status_code == 302
    before = Generation.objects.get().value

    again = save(superuser, shown)

    assert again.context["refused"] == CHANGED
    (error,) = again.context["form"].errors.as_data()["slug"]
    assert error.code == "unique"
    assert Generation.objects.get().value == before


@pytest.mark.parametrize(
    "overtake",
    [
        pytest.param(
            lambda: Tenant.objects.create(slug="new-customer-inc"), id="somebody took the slug"
        ),
        pytest.param(
            lambda: TenantHost.objects.create(
                tenant=Tenant.objects.get(slug="acme"), host="new.example.net"
            ),
            id="somebody took the host",
        ),
        pytest.param(
            lambda: PathRuleFactory(tenant=Tenant.objects.platform(), path="/"),
            id="somebody changed what is inherited",
        ),
    ],
)
def test_what_was_overtaken_is_shown_anew(superuser, acme, overtake):
    shown = look(superuser)
    overtake()
    before = Generation.objects.get().value

    refused = save(superuser, shown)

    assert refused.context["refused"] == CHANGED
    assert Generation.objects.get().value == before
    assert not Origin.objects.filter(pattern="https://app.new.example").exists()


@pytest.mark.parametrize(
    ("lines", "doubts"),
    [
        pytest.param("https://a.shop.example\nhttps://b.shop.example", [], id="one domain"),
        pytest.param("https://shop.com\nhttps://shop.de", [], id="two endings"),
        pytest.param("https://shopping.com\nhttps://shoping.com", ["edit", "edit"], id="a letter"),
        pytest.param("https://xn--pple-43d.com", ["idn"], id="an internationalized name"),
        pytest.param("https://intranet.com", ["edit"], id="like one of the platform"),
    ],
)
def test_look_alikes_are_named(superuser, acme, lines, doubts):
    Origin.objects.create(tenant=Tenant.objects.platform(), pattern="https://intrenet.com")
    shown = look(superuser, lines=lines)

    found = shown.context["outlook"].doubts
    assert [alike.code for _origin, alike in found] == doubts


def test_a_danger_needs_a_reason_and_the_permission(superuser, editor, acme):
    given = {"lines": "http://app.new.example", "credentials": "on", "risk_accepted": "on"}
    shown = look(superuser, **given)

    asked = superuser.post(PAGE, {**fields_of(shown), "save": "Save all"})
    assert asked.context["unexplained"] == SAY_WHY
    assert save(superuser, asked).status_code == 302
    refused = look(editor, **given, slug="other", hosts="other.example.net")
    assert [line.state for line in refused.context["lines"]] == ["right", "wrong"]


def test_a_decision_is_about_one_of_the_two_texts(superuser, acme):
    """The first finds of both stand at the beginning of the first line."""
    given = {"hosts": "https://a.example.net/", "lines": "https://App.new.example"}
    shown = look(superuser, **given, accept="0:1 host a.example.net")

    assert [line.state for line in shown.context["lines"]] == ["right", "wrong"]
    assert fields_of(shown)["decided"] == "0:1 host a.example.net"
    save(superuser, shown)
    assert held()[:2] == (["a.example.net"], ["https://app.new.example"])
