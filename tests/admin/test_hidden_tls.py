"""Try a request says what the admin's own request shows of the proxy in front."""

import pytest

TRY = "/admin/corsadmin/tenant/try/"
ASKED = {"origin": "https://app.acme.example", "url": "https://acme.example.net/api/greet"}
HINT = (
    "According to X-Forwarded-Proto you opened this page over https, but Django sees http. Set "
    "SECURE_PROXY_SSL_HEADER if your proxy always sets this header itself."
)


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

    assert (HINT in response.context["mistakes"]) is is_shown
