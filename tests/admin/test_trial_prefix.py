"""Try a request of a project below a prefix."""

import pytest

from tests.admin.test_trial import APP, TRY
from tests.messages.screens import filled


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


@pytest.mark.parametrize(
    ("setting", "server"),
    [
        pytest.param("/app", "", id="by the setting"),
        pytest.param(None, "/app", id="by the server"),
    ],
)
def test_the_address_may_be_below_the_prefix_of_the_project(
    superuser, acme, settings, setting, server
):
    settings.FORCE_SCRIPT_NAME = setting
    values = {"origin": APP, "method": "GET", "headers": "", "console": ""}

    allowed = superuser.get(
        TRY, {**values, "url": "https://acme.example.net/app/api/greet"}, SCRIPT_NAME=server
    )
    refused = superuser.get(
        TRY, {**values, "url": "https://acme.example.net/app/other/"}, SCRIPT_NAME=server
    )

    assert allowed.context["found"].allowed
    assert allowed.context["steps"][0] == (
        "✓",
        "passed",
        "Path",
        filled("trial-mounted", prefix="/app", path="/api/greet"),
    )
    assert refused.context["can_make"]
    remedies = [remedy.as_dict() for remedy in refused.context["found"].mending.remedies]
    assert [(remedy["model"], remedy["row"], remedy["is_new"]) for remedy in remedies] == [
        ("pathrule", "/other/{$}", True)
    ]
