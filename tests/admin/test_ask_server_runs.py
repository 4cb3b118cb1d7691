"""Runs of the page that asks live servers: bounded, logged, outside of transactions, and linked to."""

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from corsadmin.admin.ask_server import forms
from corsadmin.models import ProbeRun
from tests.admin.live_servers import ADDRESS, ask, server
from tests.factories import UserFactory, make_site
from tests.messages.screens import assert_says, text

__all__ = ["server"]


def test_a_server_that_says_nothing_does_not_keep_the_page_waiting(
    superuser: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CORSADMIN = {"PROBE_PRIVATE_ADDRESSES": True}
    monkeypatch.setattr(forms, "MAX_CALL_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        form = ask(superuser, url)["form"]

    (error,) = form.errors["url"]
    assert_says(error, "probe-no-response", url=url)
    assert not ProbeRun.objects.exists()


@pytest.mark.parametrize(
    ("owners", "code"),
    [
        pytest.param(["superuser"], "probe-busy-self", id="one's own run"),
        pytest.param(["a", "b"], "probe-busy-others", id="the runs of others"),
    ],
)
def test_runs_are_few(superuser: Client, server: Any, owners: list[str], code: str) -> None:
    until = timezone.now() + timedelta(seconds=30)
    users = {"superuser": int(superuser.session["_auth_user_id"])}
    for place, owner in enumerate(owners):
        key = users.get(owner) or UserFactory(username=owner).pk
        ProbeRun.objects.create(place=place, user_id=key, until=until)

    form = ask(superuser, server.url)["form"]

    assert form.errors["url"] == [text(code)]
    assert server.asked == []
    assert ProbeRun.objects.count() == len(owners)


def test_the_page_waits_in_no_transaction_of_the_site() -> None:
    """So that the place of a run is seen by other processes, and none waits for a commit."""
    page: Any = resolve(ADDRESS).func

    assert page._non_atomic_requests == set(connections)


def test_what_was_asked_is_logged_without_paths(
    superuser: Client, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "corsadmin")

    ask(superuser, f"{server.url}/secret?token=1")

    (record,) = [one for one in caplog.records if one.name == "corsadmin"]
    assert record.args == (int(superuser.session["_auth_user_id"]), server.url)
    assert "secret" not in record.getMessage()


def test_links_lead_to_the_page_for_those_who_may_open_it(
    superuser: Client, editor: Client
) -> None:
    make_site(origins=["https://app.example"])
    for page in ("admin:app_list", "admin:corsadmin_tenant_changelist"):
        args = ["corsadmin"] if page == "admin:app_list" else []
        shown = [
            ADDRESS in client.get(reverse(page, args=args)).content.decode()
            for client in (superuser, editor)
        ]

        assert shown == [True, False]


def test_the_trial_hands_its_question_over(superuser: Client, editor: Client) -> None:
    make_site(origins=["https://app.example"])
    query = {
        "url": "https://acme.example.net/api/x",
        "origin": "https://app.example",
        "method": "PUT",
        "headers": "X-A: 1\nX-B",
        "credentials": "on",
    }

    asked, none = (
        client.get(reverse("admin:corsadmin_tenant_try"), query).context["asked"]
        for client in (superuser, editor)
    )

    assert dict(asked) == query
    assert none == []
