"""Many origins at once: each find in a paste is answered by itself."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from corsadmin.admin.preview.preview import CHANGED
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Generation, Origin
from tests.admin.forms import fields_of
from tests.admin.pastes import add, in_words, page, paste
from tests.factories import OriginFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


def moves():
    return Generation.objects.get().value


def test_the_empty_page_asks(member, acme):
    response = member.get(page(acme))

    assert response.status_code == 200
    assert response.context["lines"] == []


def test_each_line_is_answered_by_itself_and_nothing_is_saved(member, acme):
    response = paste(
        member,
        acme,
        [
            "https://one.example",
            "https://Two.example/x",
            "",
            "https://app.acme.example",
            "https://one.example",
            " https://three.example",
            "nonsense://",
            "https://" + "a" * 400,
        ],
        check="Check",
    )

    lines = response.context["lines"]
    assert [(line.number, line.state, line.suggestion) for line in lines] == [
        (1, "right", ""),
        (2, "wrong", "https://two.example"),
        (3, "listed", ""),
        (4, "twice", ""),
        (5, "right", ""),
        (6, "wrong", ""),
        (7, "wrong", ""),
    ]
    assert response.context["right"] == in_words(origins=2)
    assert response.context["corrected"] == in_words(origins=3)
    assert response.context["corrections"] == 1
    assert Origin.objects.count() == 1


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        pytest.param("2:1 origin https://two.example:444", ["wrong", "right", "wrong"], id="one"),
        pytest.param("all", ["right", "right", "wrong"], id="all"),
        pytest.param(
            "1:1 origin https://two.example:444", ["wrong"] * 3, id="one that is not offered"
        ),
    ],
)
def test_a_correction_is_one_click(member, acme, which, expected):
    typed = ["https://ONE.example", "two.example:444", "nonsense://"]

    response = paste(member, acme, typed, accept=which)

    assert [line.state for line in response.context["lines"]] == expected
    assert fields_of(response)["lines"].splitlines()[2] == "nonsense://"
    assert Origin.objects.count() == 1


def test_what_is_right_is_added_as_one_change_and_the_rest_stays(member, acme):
    before = moves()

    response = add(
        member,
        acme,
        ["https://one.example", "https://two.example", "https://THREE.example"],
        credentials="on",
        scope="/api/",
        note="shop",
    )

    added = Origin.objects.filter(scope="/api/")
    assert moves() == before + 1
    assert {(row.pattern, row.credentials, row.note) for row in added} == {
        ("https://one.example", True, "shop"),
        ("https://two.example", True, "shop"),
    }
    for row in added:
        version = row.history.get()
        assert (version.history_user.username, version.history_change_reason) == ("member", "OPS-3")
    # The whole text stays: its words say what the finds are.
    assert fields_of(response)["lines"].splitlines()[2:] == ["https://THREE.example"]
    assert [line.state for line in response.context["lines"]] == ["listed", "listed", "wrong"]
    assert_says(response, "paste-added", count=2)
    assert "https://one.example" in LogEntry.objects.get().get_change_message()


def test_when_all_is_done_the_tenant_is_shown(member, acme):
    response = add(member, acme, ["https://one.example"])

    assert response["Location"] == reverse("admin:corsadmin_tenant_change", args=[acme.pk])


def test_nothing_to_add_adds_nothing(member, acme):
    before = moves()

    add(member, acme, ["https://app.acme.example"])

    assert moves() == before


def test_what_was_edited_since_the_preview_is_looked_at_first(member, acme):
    shown = paste(member, acme, ["https://one.example"])
    edited = {**fields_of(shown), "lines": "https://two.example", "add": "Add"}

    response = member.post(page(acme), edited)

    assert response.context["refused"] == CHANGED
    assert [line.text for line in response.context["lines"]] == ["https://two.example"]
    assert Origin.objects.count() == 1


def test_a_scope_makes_another_entry_of_the_same_origin(member, acme):
    add(member, acme, ["https://app.acme.example"], scope="/api/")

    assert acme.origins.count() == 2


def test_a_wrong_scope_is_said_at_each_line(member, acme):
    response = paste(member, acme, ["https://one.example"], check="Check", scope="api")

    (line,) = response.context["lines"]
    assert (line.state, line.suggestion) == ("wrong", "")


def test_dangerous_lines_need_who_may_accept_their_risk(member, superuser, acme):
    line = "http://plain.example"

    ticked = {"credentials": "on", "risk_accepted": "on"}
    refused = add(member, acme, [line], **ticked)
    checked = paste(superuser, acme, [line], **ticked)
    assert str(SAY_WHY) in checked.content.decode()
    silent = add(superuser, acme, [line], change_reason="", **ticked)
    assert silent.context["unexplained"] == SAY_WHY
    assert silent.context["lines"][0].state == "right"
    assert not Origin.objects.filter(pattern=line).exists()
    accepted = add(superuser, acme, [line], change_reason="OPS-1", **ticked)

    assert refused.context["lines"][0].state == "wrong"
    assert "risk_accepted" not in fields_of(refused)
    assert accepted.status_code == 302
    assert Origin.objects.get(pattern=line).risk_accepted


def test_what_is_no_risk_needs_no_reason(member, acme):
    response = add(member, acme, ["http://plain.example"], change_reason="")

    assert response.status_code == 302


def test_each_line_says_what_is_risky_about_it(member, acme):
    lines = [
        "http://plain.example",
        "https://*.github.io",
        "https://one.example",
        "https://Upper.example",
        "https://app.acme.example",
    ]

    for given, expected in (
        ({}, [["warning"], ["warning"], [], [], []]),
        # A danger is refused: the refusal says it, and nothing says it again.
        ({"credentials": "on"}, [[], [], [], [], []]),
    ):
        response = paste(member, acme, lines, check="Check", **given)

        shown = [[str(risk.severity) for risk in line.risks] for line in response.context["lines"]]
        assert shown == expected
        told = response.content.decode().count('corsadmin-state corsadmin-warning">')
        assert told == sum(map(len, expected))


@pytest.mark.parametrize("lines", [[""], ["https://x.example"] * 501], ids=["none", "too many"])
def test_what_cannot_be_judged_is_said(member, acme, lines):
    response = paste(member, acme, lines, check="Check")

    assert "lines" in response.context["form"].errors


def test_a_long_list_does_not_ask_the_database_line_by_line(
    superuser, acme, django_assert_max_num_queries
):
    lines = [f"https://{number}.example" for number in range(100)]
    OriginFactory(tenant=acme)

    with django_assert_max_num_queries(30):
        paste(superuser, acme, lines, check="Check")


def test_who_may_add_finds_the_way(member, viewer, acme):
    tenant = reverse("admin:corsadmin_tenant_change", args=[acme.pk])

    assert page(acme) in member.get(tenant).content.decode()
    assert page(acme) not in viewer.get(tenant).content.decode()
