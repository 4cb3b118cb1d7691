"""Find URLs and origins in a text, without changing a character."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

# One pass without backtracking: no part can match where another does.
_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,40}://[!#-&(-;=?-\[\]_a-z~]+")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{0,63}\Z")
_ENDS: Final = ".,;:!?'\""
_BRACKETS: Final = {")": "(", "]": "["}
_NOT_IN_AUTHORITY: Final = frozenset("@\\'\"<>` \u2026")
_REFERENCES: Final = ("https://developer.mozilla.org/", "http://developer.mozilla.org/")
MAX_WRAPS: Final = 8


class Found(NamedTuple):
    """A URL, and where it begins and ends in its text."""

    url: str
    start: int
    end: int


def urls(text: str) -> Iterator[Found]:
    """Yield the URLs in a text, except links to explanations on MDN.

    A URL that a page cannot call, such as a file's, comes with a blank `url`; so does one whose host
    the end of the text may have cut off.
    """
    for match in _URL.finditer(text):
        url = _without_punctuation(match[0])
        if url.endswith("-") and text[match.end() : match.end() + 1].isalpha():
            url = url[:-1]  # Georgian and Bengali add a hyphen and a case ending
        if not url.startswith(_REFERENCES):
            end = match.start() + len(url)
            called = "" if _is_cut(url, text, end) else checked_url(url) or ""
            yield Found(called, match.start(), end)


def _without_punctuation(url: str) -> str:
    """Return a URL without the punctuation of the sentence or the Markdown link around it."""
    url = url.partition("](")[0].rstrip(_ENDS)
    opening = _BRACKETS.get(url[-1])
    if opening is not None and url.count(opening) < url.count(url[-1]):
        return url[:-1].rstrip(_ENDS)
    return url


def _is_cut(url: str, text: str, end: int) -> bool:
    """Report whether a URL was shortened, or the end of the text may have cut off its host."""
    if "..." in url or text.startswith(("\u2026", "..."), end):
        return True
    return end == len(text) and "/" not in url.partition("://")[2]


def first_url(text: str) -> str | None:
    """Return the first URL in a text."""
    return next((found.url for found in urls(text) if found.url), None)


def last_url(text: str) -> str | None:
    """Return the last URL in a text."""
    return next((found.url for found in reversed([*urls(text)]) if found.url), None)


def checked_url(text: str) -> str | None:
    """Return text if it is a URL that a page can call, else None."""
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in ("http", "https", "ws", "wss"):
        return None
    if not text.isascii() or not text.isprintable() or " " in text or not _authority(rest):
        return None
    return text


def joined_url(text: str) -> str | None:
    """Return the URL that a mail program may have wrapped; None if the break is within its host."""
    pieces = text.split(" ")
    if len(pieces) > 1 and (len(pieces) > MAX_WRAPS or "/" not in pieces[0].partition("://")[2]):
        return None
    return checked_url("".join(pieces))


def origin_of(text: str) -> str | None:
    """Return the origin of an address or origin; None if it has none."""
    scheme, separator, rest = text.partition("://")
    authority = _authority(rest)
    if not separator or not authority or not _SCHEME.match(scheme):
        return None
    return f"{scheme}://{authority}"


def _authority(rest: str) -> str:
    """Return the authority before the path; blank if it is not a host with an optional port."""
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    authority = rest[:end]
    if not authority.isascii() or not _NOT_IN_AUTHORITY.isdisjoint(authority):
        return ""
    if authority.startswith(".."):  # prose such as “https://.../path”
        return ""
    return authority
