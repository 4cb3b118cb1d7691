"""Try a request says what the admin's own request shows of the proxy in front."""

import pytest

from tests.messages.screens import filled

TRY = "/admin/corsadmin/tenant/try/"
ASKED = {"origin": "https://app.acme.example", "url": "https://acme.example.net/api/greet"}


@pytest.mark.parametrize(
    ("given", "header", "is_shown"),
    [
        pytest.param({"HTTP_X_FORWARDED_PROTO": "https"}, None, True, id="TLS ends before Django"),
        pytest.param(
            {"HTTP_X_FORWARDED_PROTO": "https"},
            ("HTTP_X_FORWARDED_PROTO", "https"),
            False,
            id="Django knows of it",
        ),
        pytest.param({}, None, False, id="there is no TLS"),
        pytest.param({"secure": True}, None, False, id="TLS ends in Django's server"),
    ],
)
@pytest.mark.usefixtures("acme")
def test_the_setting_is_named_where_the_request_shows_the_signs(
    superuser, settings, given, header, is_shown
):
    settings.ALLOWED_HOSTS = [".example.net", "testserver"]
    settings.SECURE_PROXY_SSL_HEADER = header

    response = superuser.get(TRY, ASKED, **given)

    hint = filled("trial-hidden-tls", header="X-Forwarded-Proto")
    assert (hint in response.context["mistakes"]) is is_shown
