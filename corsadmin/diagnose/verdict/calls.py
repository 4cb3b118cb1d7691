"""One call, from what a person enters and what a pasted text says; the rest is unknown."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from corsadmin.diagnose.console import Reading
from corsadmin.diagnose.explain import Question

# Replaces the unknown value of a header; it is long enough that every header needs permission.
ANY_VALUE: Final = "x" * 129


class Address(NamedTuple):
    """The address of a call. `path` includes the query and the fragment."""

    scheme: str
    host: str
    path: str


class GivenCall(NamedTuple):
    """The parts of a call that a person entered; None leaves a part to the text."""

    page: str | None = None
    address: Address | None = None
    method: str | None = None
    headers: Mapping[str, str] | None = None
    credentials: bool | None = None


def split_url(url: str) -> Address | None:
    """Return the scheme, host and path of a URL; None if it is not http or https."""
    scheme, separator, rest = url.partition("://")
    end = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    host, path = rest[:end], rest[end:]
    if not separator or scheme.lower() not in ("http", "https") or not host.isprintable():
        return None
    return Address(scheme.lower(), host, path if path.startswith("/") else f"/{path}")


def question_from(given: GivenCall, reading: Reading) -> tuple[Question | None, tuple[str, ...]]:
    """Return the question, None without page or URL, and the names of the unknown parts.

    Entered parts win over the text, but a header that the text names was certainly sent.
    """
    page = given.page if given.page is not None else reading.page
    address = given.address or split_url(reading.url or "")
    method = given.method or reading.method
    credentials = reading.credentials if given.credentials is None else given.credentials
    headers, are_known = _headers(given.headers, reading)
    known = {
        "page": page is not None,
        "url": address is not None,
        "method": method is not None,
        "header": are_known,
        "credentials": credentials is not None,
    }
    unknown = tuple(name for name, is_known in known.items() if not is_known)
    if page is None or address is None:
        return None, unknown
    question = Question(
        host=address.host,
        path=address.path,
        origin=page,
        method=method or "GET",
        headers=headers,
        scheme=address.scheme,
        credentials=bool(credentials),
    )
    return question, unknown


def _headers(given: Mapping[str, str] | None, reading: Reading) -> tuple[dict[str, str], bool]:
    """Return the known headers of a call, and whether these are all."""
    named = dict.fromkeys(filter(None, [reading.header, *(reading.headers or ())]), ANY_VALUE)
    if given is None:
        return named, reading.headers is not None
    names = {name.lower() for name in given}
    return {**given, **{name: ANY_VALUE for name in named if name not in names}}, True
