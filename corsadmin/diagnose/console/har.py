"""HAR files: exports of a browser's network panel, judged as a browser judges responses."""

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from corsadmin.diagnose.console.addresses import checked_url, origin_of
from corsadmin.diagnose.console.chromium import read_chromium
from corsadmin.diagnose.console.copied import page_of, sent_names
from corsadmin.diagnose.console.reading import BlockKind
from corsadmin.diagnose.console.request_lines import read_requests
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.browser import FetchRequest, blocked, check_access, check_preflight_response
from corsadmin.engine.headers import ACAH, ACRH, ACRM, is_token

_ENGINES: Final = {
    "WebInspector": "chromium",
    "Firefox": "firefox",
    "WebKit Web Inspector": "webkit",
}
MAX_ENTRIES: Final = 200
_STATUSES: Final = range(100, 600)


class _Answer(NamedTuple):
    status: int | None
    headers: Mapping[str, str]
    to_cookies: bool


def read_har(text: str) -> Iterator[Sign]:
    """Yield a sign for each request in a HAR that a browser would not let a page read.

    Reads the entries one by one, so of a HAR that was cut, those before the cut still count.
    """
    place = text.find('"entries"')
    begin = text.find("[", place)
    if place < 0 or begin < 0:
        return
    engine = next((name for words, name in _ENGINES.items() if f'"{words}"' in text[:place]), None)
    for number, entry in enumerate(_entries(text, begin + 1)):
        yield from _sign(entry, number, engine)


def _entries(text: str, begin: int) -> Iterator[object]:
    """Yield the entries of a list that may be cut, up to the first that cannot be read."""
    decoder = json.JSONDecoder()
    for _number in range(MAX_ENTRIES):
        begin = len(text) - len(text[begin:].lstrip(" \t\r\n,"))
        try:
            entry, begin = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            return
        yield entry


def _sign(entry: object, at: int, engine: str | None) -> Iterator[Sign]:
    request = _part(entry, "request")
    asked = _headers(request)
    url, page, method = checked_url(str(request.get("url"))), page_of(asked), request.get("method")
    if url is None or page is None or not isinstance(method, str) or not is_token(method):
        return
    is_preflight = method == "OPTIONS" and ACRM.lower() in asked
    sent = (
        _asked_for(asked, page) if is_preflight else FetchRequest(page, method, sent_names(asked))
    )
    response = _part(entry, "response")
    answer = _Answer(_status(response), _headers(response), "cookie" in asked)
    error = _error(entry)
    kind = None if error is None else error.kind
    if kind in (None, BlockKind.UNKNOWN) and answer.status is not None:
        kind = _kind_of_answer(url, sent, answer, answer.status, is_preflight=is_preflight) or kind
    if kind is not None:
        yield Sign(
            at=at,
            kind=kind,
            detail=error.detail if error is not None else None,
            engine=engine,
            page=page,
            url=url,
            method=sent.method or None,
            header=_refused(kind, sent, answer),
            headers=sent.unsafe,
            status=answer.status,
            credentials=True if answer.to_cookies else None,
            preflight=True if is_preflight else None,
        )


def _error(entry: object) -> Sign | None:
    """Return the sign in the field where Chromium says why a request failed."""
    error = entry.get("_error") if isinstance(entry, dict) else None
    signs = read_requests(error) if isinstance(error, str) else ()
    return next(iter(signs), None)


def _kind_of_answer(
    url: str, sent: FetchRequest, answer: _Answer, status: int, *, is_preflight: bool
) -> BlockKind | None:
    """Return why a browser refuses a response; None if it accepts it."""
    if origin_of(url) == sent.origin:
        return None
    if is_preflight:
        fault = check_preflight_response(
            status, answer.headers, sent, credentials=answer.to_cookies
        )
    else:
        fault = check_access(answer.headers, sent.origin, credentials=answer.to_cookies)
    signs = read_chromium(blocked(url, sent.origin, fault)) if fault else ()
    return next((sign.kind for sign in signs), None)


def _refused(kind: BlockKind, sent: FetchRequest, answer: _Answer) -> str | None:
    """Return the name of the first header that a response does not allow."""
    if kind is not BlockKind.HEADER:
        return None
    allowed = {name.strip().lower() for name in answer.headers.get(ACAH.lower(), "").split(",")}
    return next((name for name in sent.unsafe if name not in allowed), None)


def _asked_for(asked: Mapping[str, str], page: str) -> FetchRequest:
    """Return the request that a preflight asks for."""
    method = asked[ACRM.lower()]
    names = (name.strip().lower() for name in asked.get(ACRH.lower(), "").split(","))
    return FetchRequest(page, method if is_token(method) else "", tuple(filter(is_token, names)))


def _status(response: Mapping[str, object]) -> int | None:
    """Return the status of a response; None if there was no response, for which browsers write 0."""
    status = response.get("status")
    return status if isinstance(status, int) and status in _STATUSES else None


def _part(entry: object, name: str) -> Mapping[str, object]:
    part = entry.get(name) if isinstance(entry, dict) else None
    return part if isinstance(part, dict) else {}


def _headers(part: Mapping[str, object]) -> dict[str, str]:
    """Return headers by lower-case name; values of repeated names are joined as in HTTP."""
    found: dict[str, str] = {}
    listed = part.get("headers")
    for header in listed if isinstance(listed, list) else ():
        name, value = _text(header, "name"), _text(header, "value")
        if name is not None and value is not None:
            before = found.get(name.lower())
            found[name.lower()] = value if before is None else f"{before}, {value}"
    return found


def _text(header: object, name: str) -> str | None:
    value = header.get(name) if isinstance(header, dict) else None
    return value if isinstance(value, str) else None
