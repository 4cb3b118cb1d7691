"""What Django itself says when its CSRF check refuses a request is read, in its languages too."""

import pytest
from django.conf import global_settings
from django.middleware import csrf
from django.test import RequestFactory
from django.utils import translation
from django.views.csrf import csrf_failure

from corsadmin.diagnose.console import BlockDetail, read

REFERER = "https://shop.globex.example/cart"
REASONS = {
    csrf.REASON_BAD_ORIGIN % "https://a.example": BlockDetail.CSRF_ORIGIN,
    csrf.REASON_NO_REFERER: BlockDetail.CSRF_REFERER,
    csrf.REASON_BAD_REFERER % REFERER: BlockDetail.CSRF_REFERER,
    csrf.REASON_MALFORMED_REFERER: BlockDetail.CSRF_REFERER,
    csrf.REASON_INSECURE_REFERER: BlockDetail.CSRF_REFERER,
    csrf.REASON_NO_CSRF_COOKIE: BlockDetail.CSRF_COOKIE,
    f"CSRF cookie {csrf.REASON_INCORRECT_LENGTH}.": BlockDetail.CSRF_COOKIE,
    csrf.REASON_CSRF_TOKEN_MISSING: BlockDetail.CSRF_TOKEN,
    f"CSRF token from POST {csrf.REASON_INVALID_CHARACTERS}.": BlockDetail.CSRF_TOKEN,
}
# Malayalam writes the abbreviation in letters of its own, and Malay misspells it.
UNREADABLE = {"ml", "ms"}
LANGUAGES = [code for code, _name in global_settings.LANGUAGES if code not in UNREADABLE]


@pytest.mark.parametrize(("reason", "detail"), REASONS.items())
def test_a_reason_of_this_django_is_read(reason, detail):
    logged = read(f"Forbidden ({reason}): /v2/orders")

    assert (logged.detail, logged.fix_here) == (detail, False)
    assert read(f'{{"detail":"CSRF Failed: {reason}"}}').detail is detail


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_django_is_read_in_its_languages(language):
    with translation.override(language):
        page = csrf_failure(RequestFactory().get("/")).content.decode()

    shown = page[page.index("<h1>") :].replace("<", "\n<").replace(">", "> ")
    assert read(shown).detail is BlockDetail.CSRF
