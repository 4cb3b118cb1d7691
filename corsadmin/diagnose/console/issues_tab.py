"""The headings of Chromium's Issues tab. Each explains a cause at length, and none names a call."""

from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.reading import BlockKind
from corsadmin.diagnose.console.signs import Sign

_HEADINGS: Final = {
    "Ensure CORS requests include credentials only when allowed": BlockKind.ACAC_MISSING,
    "Ensure CORS request includes only allowed headers": BlockKind.HEADER,
    "Ensure CORS request uses allowed method": BlockKind.METHOD,
    "Ensure CORS requesting origin matches resource": BlockKind.WRONG_ACAO,
    "Ensure credentialed requests aren't sent to CORS resources": BlockKind.WILDCARD_CREDENTIALS,
    "Ensure that local network requests are compatible": BlockKind.LNA,
    "Ensure private network requests are": BlockKind.LNA,
    "Content Security Policy of your site blocks some resources": BlockKind.CSP,
    "Specify a more permissive Cross-Origin Resource Policy": BlockKind.CORP,
    "Specify a Cross-Origin Resource Policy to": BlockKind.CORP,
    "Ensure CORS response header values are valid": BlockKind.UNKNOWN,
}
# No response can change these.
_NOT_ANSWERS: Final = (
    "Ensure CORS requests are made on supported schemes",
    "Ensure only same-origin resources are fetched with same-origin request mode",
    "Ensure CORS requests aren't redirected to URLs containing credentials",
    "Ensure no-cors requests configure redirect mode follow",
)


def read_issues_tab(text: str) -> Iterator[Sign]:
    """Yield a sign for each heading of the Issues tab in a plain text."""
    for words, kind in _HEADINGS.items():
        place = text.find(words)
        if place >= 0:
            yield Sign(at=place, kind=kind, engine="chromium")
    for words in _NOT_ANSWERS:
        place = text.find(words)
        if place >= 0:
            yield Sign(at=place, engine="chromium", cured=False)
