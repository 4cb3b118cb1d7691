"""Requests that DevTools copied: as fetch, as fetch for Node.js, and as cURL for bash and cmd."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from corsadmin.diagnose.console.addresses import checked_url, origin_of
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.browser import unsafe_names
from corsadmin.engine.headers import is_token

_FETCH: Final = re.compile(r'\bfetch\( ?"')
_CURL: Final = re.compile(r"(?:^|[\n$;> ])curl(?:\.exe)? ")
# In cmd a caret escapes, at line ends too; in bash a backslash does.
_CARET: Final = re.compile(r"\^(?:\r?\n)?")
_CONTINUED: Final = re.compile(r"\\\r?\n")
_PIECE: Final = re.compile(
    r"""(?P<space>\s+)|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)"""
    r"""|(?P<bare>[^\s'"\\]+)|(?P<open>.)""",
    re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
# Headers that the browser adds itself. A page could set some of them, but hardly any page does.
_BROWSERS_OWN: Final = frozenset({
    "if-modified-since",
    "if-none-match",
    "priority",
    "save-data",
    "upgrade-insecure-requests",
    "user-agent",
})  # fmt: skip
_CACHE: Final = frozenset({"cache-control", "pragma"})
_WITH_VALUE: Final = frozenset({
    "-A", "-F", "-H", "-X", "-b", "-d", "-e", "-o", "-u", "--cookie", "--data", "--data-ascii",
    "--data-binary", "--data-raw", "--data-urlencode", "--form", "--header", "--json", "--referer",
    "--request", "--url", "--user-agent",
})  # fmt: skip
_BODY: Final = frozenset({
    "-F", "-d", "--data", "--data-ascii", "--data-binary", "--data-raw", "--data-urlencode",
    "--form", "--json",
})  # fmt: skip


def read_copied(text: str) -> Iterator[Sign]:
    """Yield a sign for the first request that DevTools copied. `text` must keep its line ends."""
    fetch = _FETCH.search(text)
    curl = _CURL.search(text)
    if fetch is not None:
        yield from _fetch(text[fetch.end() - 1 :], fetch.start())
    elif curl is not None:
        yield from _curl(text[curl.end() :], curl.start())


def sent_names(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return those names among all headers of a request that need permission, in lower case."""
    given = {name.lower(): value for name, value in headers.items() if is_token(name)}
    left_out = set(_BROWSERS_OWN)
    # “Disable cache” in DevTools adds the two together.
    if given.keys() >= _CACHE:
        left_out |= _CACHE
    return unsafe_names({name: value for name, value in given.items() if name not in left_out})


def page_of(headers: Mapping[str, str], referrer: str | None = None) -> str | None:
    """Return the origin of the page that sent a request: from Origin, then from the referrer."""
    given = {name.lower(): value for name, value in headers.items()}
    if given.get("origin") == "null":
        return "null"
    return origin_of(given.get("origin") or referrer or given.get("referer") or "")


def _fetch(text: str, at: int) -> Iterator[Sign]:
    decoder = json.JSONDecoder()
    try:
        url, end = decoder.raw_decode(text)
    except ValueError:
        return
    options: Any = {} if text[end:].lstrip().startswith(")") else None
    begin = text.find("{", end)
    if begin >= 0 and text[end:begin].strip() == ",":
        try:
            options, _end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            options = None
    if options is None:
        yield Sign(at=at, url=checked_url(url))
        return
    headers = _texts(options.get("headers"))
    method = options.get("method", "GET")
    yield Sign(
        at=at,
        url=checked_url(url),
        page=page_of(headers, _text(options.get("referrer"))),
        method=method if isinstance(method, str) and is_token(method) else None,
        headers=sent_names(headers),
        credentials={"include": True, "omit": False}.get(str(options.get("credentials"))),
    )


def _curl(text: str, at: int) -> Iterator[Sign]:
    words, is_whole = _words(text)
    url: str | None = None
    method = ""
    headers: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        value = next(rest, "") if word in _WITH_VALUE else ""
        if word in ("-X", "--request"):
            method = value
        elif word in ("-H", "--header"):
            name, _colon, content = value.partition(":")
            headers[name.strip()] = content.strip()
        elif word in ("-b", "--cookie"):
            headers["cookie"] = value
        elif word in _BODY:
            method = method or "POST"
        elif word in ("-I", "--head"):
            method = method or "HEAD"
        else:
            url = url or checked_url(value or word)
    yield Sign(
        at=at,
        url=url,
        page=page_of(headers),
        method=_method(method, is_whole=is_whole),
        headers=sent_names(headers) if is_whole else None,
        credentials=True if "cookie" in {name.lower() for name in headers} else None,
    )


def _method(method: str, *, is_whole: bool) -> str | None:
    """Return the method of a command. A whole command without a method means GET."""
    if not method:
        return "GET" if is_whole else None
    return method if is_token(method) else None


def _words(text: str) -> tuple[list[str], bool]:
    """Return the words of a command, and whether it is whole: no quote or line end left open."""
    is_open = text.rstrip().endswith(("\\", "^"))
    text = (_CARET if '^"' in text else _CONTINUED).sub("", text)
    words = [""]
    for piece in _PIECE.finditer(text):
        if piece["space"]:
            words.append("")
        words[-1] += piece["single"] or _ESCAPED.sub(r"\1", piece["double"] or "")
        words[-1] += piece["escaped"] or piece["bare"] or ""
        is_open = is_open or piece["open"] is not None
    return [word for word in words if word], not is_open


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {name: content for name, content in value.items() if isinstance(content, str)}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
