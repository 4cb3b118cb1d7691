"""What is wrong with a server's responses, whether or not they block the page: codes, sentences."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.diagnose.probe.http_client import Reply
from corsadmin.diagnose.probe.page_call import PageCall
from corsadmin.engine import browser
from corsadmin.engine.headers import ACAC, ACAH, ACAM, ACAO, ACEH, ORIGIN, VARY
from corsadmin.engine.origins import parse_origin
from corsadmin.messages import shown

OBSERVATIONS: Final[dict[str, Promise]] = {
    "allow-origin-invalid": _(
        "Access-Control-Allow-Origin is %(value)s, which is not an origin that a browser sends. "
        "Write one whole origin, or a star."
    ),
    "allow-origin-list": _(
        "Access-Control-Allow-Origin lists several values (%(value)s). Browsers accept one origin "
        "or a star."
    ),
    "allow-origin-repeated": _(
        "Access-Control-Allow-Origin is sent more than once (%(value)s). Browsers refuse that "
        "even if the values are equal. Two programs add it. Remove it from one of them."
    ),
    "cached-answer": _(
        "A cache sent this response (%(value)s), which does not fit this page. Purge the cache, and "
        "send Vary: Origin."
    ),
    "credentials-value": _(
        "Access-Control-Allow-Credentials is %(value)s. Browsers accept only true, in lower case. "
        "Omit the header if you do not grant credentials."
    ),
    "error-without-headers": _(
        "This response is an error (%(value)s) without CORS headers. A server in front of the "
        "application may have sent it."
    ),
    "null-allowed": _(
        "Access-Control-Allow-Origin is null. Every website can send that origin from a sandboxed "
        "frame, so every website is allowed."
    ),
    "origin-reflected": _(
        "The server repeats any Origin: it allows %(value)s too, which does not exist. Every "
        "website may read the responses. If they are public, send a star."
    ),
    "origin-reflected-credentials": _(
        "The server repeats any Origin and allows credentials: it allows %(value)s too, which does "
        "not exist. Every website may read the responses with its visitors' cookies."
    ),
    "preflight-redirect": _(
        "The preflight response redirects to %(value)s. Browsers refuse that. Have the page call the "
        "final address."
    ),
    "preflight-status": _(
        "The preflight response has status %(value)s. Browsers accept only 200 to 299. A "
        "preflight carries no cookies and no Authorization, so let OPTIONS through without a log-in."
    ),
    "vary-missing": _(
        "Access-Control-Allow-Origin depends on the Origin of the request, but the response lacks "
        "Vary: Origin for requests %(value)s. A cache may serve such a response to another page."
    ),
    "wildcard-authorization": _(
        "Access-Control-Allow-Headers is a star, which does not include Authorization. Name it."
    ),
    "wildcard-credentials": _(
        "%(value)s is a star. For a call with cookies, browsers take the star literally. Name the "
        "values."
    ),
}
MAX_SHOWN: Final = 400
_WITH_ORIGIN: Final = _("with Origin: %(origin)s")
_WITHOUT_ORIGIN: Final = _("without Origin")
_OK: Final = range(200, 300)
_SERVER_ERROR: Final = 500
_ERRORS: Final = range(400, 600)
_STARRED: Final = (ACAO, ACAM, ACAH, ACEH)


class Observation(NamedTuple):
    """One thing that is wrong with a response: a code of OBSERVATIONS, the URL, a sentence."""

    code: str
    url: str
    sentence: str


def observe_preflight(call: PageCall, reply: Reply, *, credentials: bool) -> Iterator[Observation]:
    """Yield what is wrong with a preflight response."""
    if reply.status in browser.REDIRECTS:
        yield _found("preflight-redirect", call, reply.headers.get("location", "?"))
    elif reply.status not in _OK and (_value(reply, ACAO) or _is_unmeant(reply.status)):
        yield _found("preflight-status", call, str(reply.status))
    names = _items(reply, ACAH)
    if "*" in names and "authorization" in set(call.asked.unsafe) - names:
        yield _found("wildcard-authorization", call)
    yield from _observe_values(call, reply, credentials=credentials)


def observe_request(
    call: PageCall, reply: Reply, *, credentials: bool, is_refused: bool
) -> Iterator[Observation]:
    """Yield what is wrong with the response to a cross-origin call."""
    evidence = _cache_evidence(reply)
    if is_refused and evidence:
        yield _found("cached-answer", call, evidence)
    if reply.status in _ERRORS and not _value(reply, ACAO):
        yield _found("error-without-headers", call, str(reply.status))
    yield from _observe_values(call, reply, credentials=credentials)


def observe_difference(
    call: PageCall, answers: dict[str, Reply], stranger: str
) -> Iterator[Observation]:
    """Yield what shows only by comparison. `answers` are the responses to a call, by its Origin."""
    reflected = answers[stranger]
    if _value(reflected, ACAO) == stranger:
        has_credentials = _value(reflected, ACAC) == "true"
        code = "origin-reflected-credentials" if has_credentials else "origin-reflected"
        yield _found(code, call, stranger)
    is_fixed = len({_value(reply, ACAO) for reply in answers.values()}) == 1
    whose = [
        str(_WITH_ORIGIN if origin else _WITHOUT_ORIGIN) % {"origin": origin}
        for origin, reply in answers.items()
        if _lacks_vary(reply)
    ]
    if whose and not is_fixed:
        yield _found("vary-missing", call, ", ".join(whose))


def _lacks_vary(reply: Reply) -> bool:
    """Report whether a cache may store the response and serve it to a request with another Origin."""
    is_stored = "no-store" not in _items(reply, "Cache-Control")
    return is_stored and _items(reply, VARY).isdisjoint({"*", ORIGIN.lower()})


def _observe_origin(call: PageCall, reply: Reply) -> Iterator[Observation]:
    allowed = _value(reply, ACAO)
    if ACAO.lower() in reply.repeated:
        yield _found("allow-origin-repeated", call, allowed)
    elif "," in allowed:
        yield _found("allow-origin-list", call, allowed)
    elif allowed == "null":
        yield _found("null-allowed", call)
    elif allowed not in ("", "*") and parse_origin(allowed) is None:
        yield _found("allow-origin-invalid", call, allowed)


def _observe_values(call: PageCall, reply: Reply, *, credentials: bool) -> Iterator[Observation]:
    yield from _observe_origin(call, reply)
    granted = _value(reply, ACAC)
    if granted not in ("", "true"):
        yield _found("credentials-value", call, granted)
    if credentials or granted == "true":
        for name in _STARRED:
            if "*" in _items(reply, name):
                yield _found("wildcard-credentials", call, name)


def _is_unmeant(status: int) -> bool:
    """Report whether a status shows that nothing handled the preflight; 400 and 403 may refuse it."""
    return status in {401, 404, 405, 407} or status >= _SERVER_ERROR


def _found(code: str, call: PageCall, value: str = "") -> Observation:
    return Observation(
        code, call.target.url, str(OBSERVATIONS[code]) % {"value": shown(value, MAX_SHOWN)}
    )


def _value(reply: Reply, name: str) -> str:
    return reply.headers.get(name.lower(), "")


def _items(reply: Reply, name: str) -> set[str]:
    return {item.strip(" \t").lower() for item in _value(reply, name).split(",")} - {""}


def _cache_evidence(reply: Reply) -> str:
    """Return the header by which a shared cache says that it sent the response, or blank."""
    if _value(reply, "Age"):
        return f"Age: {_value(reply, 'Age')}"
    for name in ("X-Cache", "X-Cache-Status", "CF-Cache-Status"):
        if "hit" in _value(reply, name).lower():
            return f"{name}: {_value(reply, name)}"
    return ""
