"""What DevTools' Headers tab shows about one request: its general lines and its request headers."""

import re
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.addresses import checked_url, origin_of
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.headers import ACRH, ACRM, ORIGIN, is_token

_URL: Final = re.compile(r"\bRequest URL:? (\S{1,4000})")
_METHOD: Final = re.compile(r"\bRequest Method:? ([A-Za-z-]{1,24})(?![\w-])")
_STATUS: Final = re.compile(r"\bStatus Code:? (\d{3})(?!\d)")
_PAGE: Final = re.compile(rf"(?<![\w-]){ORIGIN}:? (\S{{1,400}})", re.IGNORECASE)
_ASKED_METHOD: Final = re.compile(rf"\b{ACRM}:? (\S{{1,64}})", re.IGNORECASE)
_ASKED_HEADERS: Final = re.compile(rf"\b{ACRH}:? (\S{{1,1000}})", re.IGNORECASE)


def read_headers_tab(text: str) -> Iterator[Sign]:
    """Yield a sign for the request that the Headers tab shows in a plain text."""
    url, method = _URL.search(text), _METHOD.search(text)
    if url is None or method is None:
        return
    asked, names = _ASKED_METHOD.search(text), _ASKED_HEADERS.search(text)
    page, status = _PAGE.search(text), _STATUS.search(text)
    is_preflight = method[1] == "OPTIONS" and asked is not None
    yield Sign(
        at=url.start(),
        url=checked_url(url[1]) or "",
        page=_page(page[1]) if page else None,
        method=_token(asked[1] if is_preflight and asked else method[1]),
        headers=_names(names[1] if names else "") if is_preflight else None,
        status=int(status[1]) if status else None,
        preflight=True if is_preflight else None,
    )


def _page(text: str) -> str | None:
    return text if text == "null" else origin_of(text)


def _token(text: str) -> str | None:
    """Return a method; None for anything else, and for OPTIONS, which hides the page's method."""
    return text if is_token(text) and text != "OPTIONS" else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.lower().split(",") if is_token(name))
