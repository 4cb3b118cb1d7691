"""Before an import is confirmed: risks, reasons and lockouts; after it, the recent actions."""

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.test import Client

from corsadmin.admin.lockout.question import MAX_SHOWN_LOSSES
from corsadmin.admin.preview.preview import LOCKS_OUT
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Origin, Tenant
from corsadmin.proposed_change.losses import LAST, OWN
from tests.admin.imports import NEW, OLD, PAGE, TABLE, check, confirm, document, moves, origins
from tests.factories import OriginFactory, make_site
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

RISKY = {"pattern": "http://a.example", "credentials": True, "risk_accepted": True}
HERE = "http://testserver"


def rules(*paths):
    return document({"slug": "acme", "paths": list(paths)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(document(origins(RISKY)), [["danger"]], id="a danger"),
        pytest.param(
            document(origins({"pattern": "https://*.example.org:*"})),
            [["note", "note"]],
            id="notes",
        ),
        pytest.param(rules({"path": "/open/", "any_origin": True}), [["warning"]], id="any origin"),
        pytest.param(TABLE, [[]], id="none"),
    ],
)
def test_the_plan_shows_risks_beside_their_rows(superuser, acme, text, expected):
    shown = check(superuser, text)

    risks = [step["risks"] for step in shown.context["steps"] if step["kind"] != "tenant"]
    assert [[str(risk.severity) for risk in found] for found in risks] == expected
    for risk in risks[0]:
        assert risk.severity.word in shown.content.decode()


def test_what_is_removed_is_no_risk(superuser, acme):
    OriginFactory(tenant=acme, pattern="http://a.example")

    shown = check(superuser, TABLE, prune="on")

    assert "id_change_reason_helptext" not in shown.content.decode()
    assert [step["risks"] for step in shown.context["steps"]] == [[], [], []]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(document(origins(RISKY)), id="a danger"),
        pytest.param(rules({"path": "/open/", "any_origin": True}), id="any origin"),
    ],
)
def test_a_plan_that_accepts_a_risk_needs_a_reason(superuser, acme, text):
    before = moves()

    shown = check(superuser, text)
    assert 'aria-describedby="id_change_reason_helptext"' in shown.content.decode()
    silent = confirm(superuser, shown, change_reason="  ")

    assert silent.context["unexplained"] == SAY_WHY
    assert 'aria-describedby="id_change_reason_error"' in silent.content.decode()
    assert moves() == before
    assert confirm(superuser, silent, change_reason="OPS-1").status_code == 302


def test_what_locks_somebody_out_must_be_meant(superuser, acme):
    OriginFactory(tenant=acme, pattern=HERE)
    text = f"tenant,pattern,enabled\nacme,{OLD},false\nacme,{HERE},false\n"

    shown = check(superuser, text)
    unmeant = confirm(superuser, shown)

    assert shown.context["losses"] == [f"acme: {LAST}", f"acme: {OWN}"]
    assert unmeant.context["refused"] == LOCKS_OUT
    assert Origin.objects.filter(enabled=True).count() == 2
    assert confirm(superuser, unmeant, confirm_lockout="on").status_code == 302
    assert not Origin.objects.filter(enabled=True).exists()


@pytest.mark.parametrize(
    ("text", "prune", "lost"),
    [
        pytest.param(TABLE, "on", False, id="another one instead"),
        pytest.param(document({"slug": "acme", "origins": []}), "on", True, id="all removed"),
        pytest.param(document({"slug": "acme"}), "on", False, id="no list of origins"),
        pytest.param(
            document({"slug": "acme", "is_active": False}), "", True, id="the tenant switched off"
        ),
        pytest.param(
            f"tenant,pattern,valid_until\nacme,{OLD},2020-01-01T00:00:00Z\n", "", True, id="ended"
        ),
        pytest.param(f"tenant,pattern,note\nacme,{OLD},seen\n", "", False, id="a note"),
    ],
)
def test_losses_of_a_plan(superuser, acme, text, prune, lost):
    shown = check(superuser, text, **({"prune": prune} if prune else {}))

    assert shown.context["losses"] == ([f"acme: {LAST}"] if lost else [])


def test_long_lists_of_losses_are_cut(superuser):
    slugs = [f"acme-{number:02}" for number in range(MAX_SHOWN_LOSSES + 2)]
    for slug in slugs:
        make_site(slug, origins=[OLD])

    shown = check(superuser, document(*({"slug": slug, "is_active": False} for slug in slugs)))

    assert len(shown.context["losses"]) == MAX_SHOWN_LOSSES + 1


def test_each_tenant_that_was_touched_is_a_recent_action(superuser, acme, rival):
    text = document(
        origins({"pattern": NEW}, hosts=["rival.example.net"]),
        {"slug": "rival", "name": "Rival", "is_active": True},
        {"slug": "fresh"},
    )

    confirm(superuser, check(superuser, text))

    entries = LogEntry.objects.order_by("object_repr")
    assert [(entry.object_repr, entry.action_flag) for entry in entries] == [
        ("acme", CHANGE),
        ("fresh", ADDITION),
        ("rival", CHANGE),
    ]
    (entry,) = entries.filter(object_repr="fresh")
    assert entry.get_edited_object() == Tenant.objects.get(slug="fresh")
    assert_says(entry.get_change_message(), "import-done", generation=moves())
    assert entry.user.username == "superuser"
    assert "fresh" in superuser.get("/admin/").content.decode()


def test_recent_actions_of_an_import_are_nobody_elses(member, editor, acme):
    confirm(member, check(member, TABLE))

    assert [entry.user.username for entry in LogEntry.objects.all()] == ["member"]
    shown = [client.get("/admin/").content.decode() for client in (member, editor)]
    assert ['class="actionlist"' in page for page in shown] == [True, False]


@pytest.mark.parametrize("page", ["import", "paste"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_that_django_does_not_read_is_answered_with_a_page(
    settings, superuser, acme, page, kind
):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    url = PAGE if page == "import" else f"/admin/corsadmin/tenant/{acme.pk}/paste/"
    text = "x" * 2000
    if kind == "multipart/form-data":
        response = superuser.post(url, {"text": text})
    else:
        response = superuser.post(url, f"text={text}", content_type=kind)

    assert response.status_code == 413
    assert_says(response, "import-form-too-large", limit="1000 bytes")
    assert "cors_import" in response.content.decode()


@pytest.mark.parametrize("page", ["import", "paste"])
def test_these_forms_need_their_token_all_the_same(acme, superuser, page):
    url = PAGE if page == "import" else f"/admin/corsadmin/tenant/{acme.pk}/paste/"
    client = Client(enforce_csrf_checks=True)
    client.cookies = superuser.cookies

    assert client.post(url, {"text": TABLE}).status_code == 403
    token = client.get(url).context["csrf_token"]
    sent = client.post(url, {"text": TABLE, "csrfmiddlewaretoken": str(token)})
    assert sent.status_code == 200


def test_who_may_not_open_a_page_learns_no_limit(settings, outsider, client, acme):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    sent = {"text": "x" * 100}

    assert client.post(PAGE, sent).status_code == 302
    assert outsider.post(PAGE, sent).status_code == 403
