"""Try a request says what a call with cookies needs besides the policies."""

import pytest

from tests.messages.screens import assert_says, assert_silent

TRY = "/admin/corsadmin/tenant/try/"
CALL = {"origin": "https://app.acme.example", "url": "https://acme.example.net/api/greet"}


@pytest.fixture(autouse=True)
def any_host(settings):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]


@pytest.fixture(autouse=True)
def credentials(acme):
    acme.paths.update(credentials=True)
    acme.origins.update(credentials=True)


def test_what_else_must_be_true_is_shown_with_cookies(superuser, acme):
    without = superuser.get(TRY, CALL).content.decode()
    shown = superuser.get(TRY, {**CALL, "credentials": "on"}).content.decode()

    assert_says(shown, "trial-conditions")
    assert_says(shown, "trial-lax", prefix="SESSION_COOKIE", samesite="Lax")
    assert '<span aria-hidden="true">\u2717</span> <span class="visually-hidden">not true' in shown
    assert '<span aria-hidden="true">?</span> <span class="visually-hidden">unknown' in shown
    assert_silent(without, "trial-conditions")
    # No green for a call whose cookies stay away.
    assert_says(shown, "trial-allowed-hedged")
    assert "corsadmin-yes" not in shown
    assert "corsadmin-yes" in without


def test_what_is_met_is_marked(superuser, acme, settings):
    settings.SESSION_COOKIE_SAMESITE = "None"
    settings.SESSION_COOKIE_SECURE = True

    shown = superuser.get(TRY, {**CALL, "credentials": "on"}).content.decode()

    assert '<span aria-hidden="true">\u2713</span> <span class="visually-hidden">true' in shown
    assert "corsadmin-yes" in shown
