"""A mail as it came: what is found in it, what a person decides, and what one save writes."""

import pytest
from django.urls import reverse

from corsadmin.admin.preview.preview import NOTHING
from corsadmin.models import Generation, Origin, Tenant, TenantHost
from tests.admin.conftest import grant, log_in
from tests.admin.forms import fields_of, submit
from tests.admin.pastes import add, in_words, page, paste
from tests.factories import TenantHostFactory, UserFactory
from tests.messages.screens import assert_says, says

MAIL = """
Hello,
our API hosts: eu.acme.example.com and https://us.acme.example.com/v1
Please allow these front ends:
- https://app.acme.example
- https://Shop.acme.example/login
- www.acme.example
- https://shop.acme.example
- api.acme.example
Please remove https://old.acme.example.
Thanks, Jo
--
https://acme.example/imprint
""".strip().splitlines()


def states(response):
    return [(line.text, line.state, line.becomes) for line in response.context["lines"]]


def decide(client, tenant, response, *decisions):
    """Press one button after the other, as they are on the page."""
    for name, what in decisions:
        (line,) = (line for line in response.context["lines"] if line.text == name)
        (option,) = (option for option in line.options if option.what == what)
        assert option.decision in response.content.decode()
        values = {**fields_of(response), "accept": option.decision}
        response = client.post(page(tenant), values)
    return response


def press(client, tenant, response, button):
    return client.post(page(tenant), {**fields_of(response), "change_reason": "X", button: "1"})


def test_a_mail_is_answered_find_by_find(superuser, acme):
    response = paste(superuser, acme, MAIL)

    assert states(response) == [
        ("eu.acme.example.com", "right", "eu.acme.example.com"),
        ("https://us.acme.example.com/v1", "wrong", ""),
        ("https://app.acme.example", "listed", "https://app.acme.example"),
        ("https://Shop.acme.example/login", "wrong", ""),
        ("www.acme.example", "wrong", ""),
        ("https://shop.acme.example", "right", "https://shop.acme.example"),
        ("api.acme.example", "wrong", ""),
        ("https://old.acme.example", "open", ""),
        ("https://acme.example/imprint", "open", ""),
    ]
    assert response.context["right"] == in_words(origins=1, hosts=1)
    text = response.content.decode()
    assert "<mark>https://Shop.acme.example/login</mark>" in text
    assert "Thanks, Jo" in text


def test_one_press_takes_all_corrections_and_adds_exactly_what_it_says(superuser, acme):
    before = Generation.objects.get().value
    shown = paste(superuser, acme, MAIL)
    assert_says(shown, "paste-apply", counter=4, corrected=in_words(origins=3, hosts=2))

    answer = press(superuser, acme, shown, "add_corrected")

    assert answer.status_code == 302
    assert Generation.objects.get().value == before + 1
    assert set(acme.hosts.values_list("host", flat=True)) >= {
        "eu.acme.example.com",
        "us.acme.example.com",
    }
    assert set(acme.origins.values_list("pattern", flat=True)) == {
        "https://app.acme.example",
        "https://shop.acme.example",
        "https://www.acme.example",
        "https://api.acme.example",
    }


def test_what_stands_twice_is_told_from_what_is_listed(superuser, acme):
    response = paste(superuser, acme, MAIL, accept="all")

    told = {line.text: (line.state, line.first) for line in response.context["lines"]}
    assert told["https://app.acme.example"] == ("listed", 0)
    assert told["https://shop.acme.example"] == ("twice", 4)
    assert response.context["right"] == in_words(origins=3, hosts=2)
    assert_says(response, "paste-duplicate", first=4)


def test_what_is_in_doubt_waits_for_a_person(superuser, acme):
    shown = decide(
        superuser,
        acme,
        paste(superuser, acme, MAIL),
        ("https://acme.example/imprint", "origin"),
        ("https://shop.acme.example", "skip"),
        ("eu.acme.example.com", "origin"),
        ("eu.acme.example.com", "host"),
    )

    told = {line.text: (line.state, line.becomes) for line in shown.context["lines"]}
    assert told["https://acme.example/imprint"] == ("right", "https://acme.example")
    assert told["https://shop.acme.example"] == ("skipped", "")
    assert told["eu.acme.example.com"] == ("right", "eu.acme.example.com")
    assert press(superuser, acme, shown, "add").status_code == 200
    assert not acme.origins.filter(pattern="https://shop.acme.example").exists()
    assert acme.origins.filter(pattern="https://acme.example").exists()


def test_a_name_that_may_be_either_becomes_what_a_person_says(superuser, acme):
    shown = paste(superuser, acme, ["api.nordwind.example"])
    assert [line.state for line in shown.context["lines"]] == ["open"]
    assert not shown.context["can_confirm"]

    shown = decide(superuser, acme, shown, ("api.nordwind.example", "host"))
    press(superuser, acme, shown, "add")

    assert acme.hosts.filter(host="api.nordwind.example").exists()
    assert not Origin.objects.filter(pattern__contains="nordwind").exists()


def test_who_may_not_add_hosts_adds_none(member, acme):
    shown = paste(member, acme, MAIL)

    told = {line.text: line for line in shown.context["lines"]}
    assert told["eu.acme.example.com"].state == "open"
    assert [option.what for option in told["eu.acme.example.com"].options] == ["origin"]
    forged = {"decided": "2:16 host eu.acme.example.com", **fields_of(shown)}
    forged["decided"] = "2:16 host eu.acme.example.com"
    press(member, acme, member.post(page(acme), forged), "add")
    assert not TenantHost.objects.filter(host="eu.acme.example.com").exists()


def test_a_host_of_another_tenant_is_refused(superuser, acme, rival):
    TenantHostFactory(tenant=rival, host="eu.acme.example.com")

    (taken, *_others) = paste(superuser, acme, MAIL).context["lines"]

    assert (taken.state, len(taken.messages)) == ("wrong", 1)


def test_a_host_that_the_tenant_has_is_listed(superuser, acme):
    TenantHostFactory(tenant=acme, host="eu.acme.example.com")

    (host, *_others) = paste(superuser, acme, MAIL).context["lines"]

    assert host.state == "listed"


def test_a_decision_does_not_outlive_a_change_of_the_text(superuser, acme):
    shown = decide(
        superuser,
        acme,
        paste(superuser, acme, ["www.acme.example"]),
        ("www.acme.example", "origin"),
    )
    assert [line.state for line in shown.context["lines"]] == ["right"]

    edited = {**fields_of(shown), "lines": "www.evil.example", "check": "1"}
    shown = superuser.post(page(acme), edited)

    assert [line.state for line in shown.context["lines"]] == ["wrong"]


def test_prose_alone_says_that_nothing_was_found(superuser, acme):
    response = paste(superuser, acme, ["Hi, I will send the list tomorrow."])

    assert response.context["lines"] == []
    assert_says(response, "paste-nothing-found")
    refused = press(superuser, acme, response, "add")
    assert refused.status_code == 200
    assert acme.origins.count() == 1


def test_a_button_that_would_add_nothing_adds_nothing(superuser, acme):
    shown = paste(superuser, acme, ["www.acme.example"])
    assert_says(shown, "paste-apply", counter=1, corrected=in_words(origins=1))

    assert press(superuser, acme, shown, "add").context["refused"] == NOTHING
    assert acme.origins.count() == 1


def test_what_nobody_sees_is_shown_and_taken_out_by_a_press(superuser, acme):
    shown = paste(superuser, acme, ["https://sh\u200bop.acme.example"])

    (line,) = shown.context["lines"]
    assert (line.state, line.suggestion) == ("wrong", "https://shop.acme.example")
    assert "https://sh\\u200bop.acme.example" in shown.content.decode()


def test_a_long_text_is_folded_and_cut(superuser, acme):
    response = paste(superuser, acme, ["prose"] * 400)

    prose = response.context["prose"]
    assert (len(prose["lines"]), prose["left"], prose["is_open"]) == (300, 100, False)


@pytest.mark.parametrize("origin", ["hxxps://app2.acme.example", "https://app2[.]acme[.]example"])
def test_what_cannot_be_clicked_is_offered_as_a_correction(superuser, acme, origin):
    (line,) = paste(superuser, acme, [origin]).context["lines"]

    assert (line.state, line.suggestion) == ("wrong", "https://app2.acme.example")
    assert line.messages


def test_a_new_tenant_leads_to_the_paste(superuser):
    answer = submit(
        superuser, reverse("admin:corsadmin_tenant_add"), {"slug": "fresh", "_paste": "1"}
    )

    assert answer["Location"] == page(Tenant.objects.get(slug="fresh"))


def test_several_adds_leave_what_is_wrong_on_the_page(superuser, acme):
    response = add(superuser, acme, ["https://one.example", "https://*"])

    assert [line.state for line in response.context["lines"]] == ["listed", "wrong"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        pytest.param("api.own.example", "open", id="a host in prose"),
        pytest.param("https://api.own.example", "open", id="an origin"),
        pytest.param("http://api.own.example/v1", "open", id="an address over http"),
        pytest.param("https://api.own.example:8443", "right", id="another port"),
        pytest.param("https://app.own.example", "right", id="another host"),
    ],
)
def test_the_host_of_the_api_is_not_taken_for_a_page(superuser, acme, text, state):
    TenantHostFactory(tenant=acme, host="api.own.example")

    shown = paste(superuser, acme, [f"Please add {text}"])

    ((found, answer),) = [(line.state, line.messages) for line in shown.context["lines"]]
    assert found == state
    assert says(answer, "paste-own-host") == (state == "open")
    if state == "open":
        chosen = decide(superuser, acme, shown, (text, "origin"))
        assert [line.state for line in chosen.context["lines"]] == ["right"]


def test_who_may_not_view_hosts_learns_none(acme):
    TenantHostFactory(tenant=acme, host="own.example")
    client = log_in(grant(UserFactory(), "view_tenant", "view_origin", "add_origin"))

    shown = paste(client, acme, ["Please add https://own.example"])

    assert [line.state for line in shown.context["lines"]] == ["right"]


def test_the_cursor_stands_in_the_text_until_something_was_pasted(superuser, acme):
    assert " autofocus" in superuser.get(page(acme)).content.decode()
    assert " autofocus" not in paste(superuser, acme, MAIL).content.decode()
