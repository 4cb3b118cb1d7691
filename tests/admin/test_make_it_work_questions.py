"""From a question to the form that makes its call work, and back."""

import pytest
from django.urls import reverse

from corsadmin.models import Origin, TenantHost
from tests.admin.forms import fields_of
from tests.admin.making import ACME, CALL, NEW, moves, page, save
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

APP = "https://app.acme.example"
TRY = reverse("admin:corsadmin_tenant_try")


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


def test_a_blocked_call_lists_every_change_and_offers_to_make_them(superuser, acme):
    response = superuser.get(TRY, CALL)

    assert [text.partition(" ")[0] for text, _ask in response.context["changes"]] == ["Add"] * 3
    assert 'formaction="/admin/corsadmin/tenant/make-it-work/"' in response.content.decode()


def test_the_presets_that_hold_refused_names_come_last(superuser, acme):
    given = {**CALL, "headers": "X-CSRFToken"}

    changes = superuser.get(TRY, given).context["changes"]

    assert [text.partition(" ")[0] for text, _ask in changes] == ["Add", "Add", "Add", "The"]


def test_an_allowed_call_offers_nothing(superuser, acme):
    assert "make-it-work" not in superuser.get(TRY, {"origin": APP, "url": ACME}).content.decode()


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"origin": APP, "method": "GET", "headers": None}, id="an allowed call"),
        pytest.param({"origin": None}, id="no page"),
        pytest.param({"url": "nonsense"}, id="no URL"),
        pytest.param({"method": "GE T"}, id="no method"),
        pytest.param({"url": "https://acme.example.net/./x"}, id="what no row cures"),
        pytest.param({"said": "kind=lna", "origin": APP}, id="a cause that is not CORS"),
    ],
)
def test_what_cannot_be_made_to_work_here_is_answered_by_the_question_itself(
    superuser, acme, given
):
    before = moves()
    url = page(**given)

    opened = superuser.get(url)
    sent = superuser.post(url, {"save": "Save all"})

    assert opened.status_code == sent.status_code == 302
    assert opened.url == sent.url == f"{TRY}?{url.partition('?')[2]}"
    assert superuser.get(opened.url).status_code == 200
    assert moves() == before


def test_the_button_beside_an_answer_sends_the_question_without_its_text(superuser, acme):
    line = (
        f"Access to fetch at '{ACME}' from origin '{NEW}' has been blocked by CORS policy: "
        "Response to preflight request doesn't pass access control check: No "
        "'Access-Control-Allow-Origin' header is present on the requested resource."
    )
    blank = {"origin": "", "url": "", "method": "", "headers": ""}

    answer = superuser.post(TRY, {"console": line, **blank}, follow=True)
    pressed = superuser.post(
        reverse("admin:corsadmin_tenant_make"),
        {**fields_of(answer), "method": "PUT", "headers": "X-Request-Id"},
    )

    assert answer.context["verdict"].wants == "method"
    assert_says(answer, "make-more-follows")
    assert pressed.status_code == 302
    assert "blocked+by" not in pressed.url
    assert superuser.get(pressed.url).context["form"].rows
    assert superuser.post(reverse("admin:corsadmin_tenant_make")).status_code == 302


def test_what_is_not_known_yet_is_asked_for_again_afterwards(superuser, acme):
    """A line proves a preflight, and nobody has said which method or header needs it."""
    url = page(method=None, headers=None, said="kind=no-acao&engine=chromium&preflight=yes")

    shown = superuser.get(url)
    done = save(superuser, url, shown)

    assert_says(shown, "make-more-follows")
    assert Origin.objects.filter(pattern=NEW).exists()
    assert done.url == f"{TRY}?{url.partition('?')[2]}"
    assert superuser.get(done.url).context["verdict"].asks == "method"


def test_what_is_changed_elsewhere_is_said_beside_the_form(superuser, acme):
    shown = superuser.get(page(method="patch", credentials="on"))

    assert len(shown.context["outside"]) == 1
    assert_says(shown, "make-write-method", method="PATCH")


def test_what_a_person_must_decide_is_said_beside_the_form(superuser, acme):
    acme.paths.update(any_origin=True)

    shown = superuser.get(page(credentials="on"))

    assert len(shown.context["open"]) == 1
    assert_says(shown, "make-list-origins")


def test_a_host_goes_to_the_tenant_that_a_person_names(superuser, acme):
    url = page(url="https://new.example.net/api/x")

    asked = superuser.get(url)
    wrong = superuser.get(f"{url}&tenant=nobody")
    done = save(superuser, f"{url}&tenant=acme")

    assert "acme" in asked.context["tenants"]
    assert fields_of(asked) == {**CALL, "url": "https://new.example.net/api/x", "tenant": ""}
    assert_says(wrong, "make-tenant-unseen", slug="nobody")
    assert TenantHost.objects.get(host="new.example.net").tenant == acme
    assert superuser.get(done.url).context["found"].allowed
