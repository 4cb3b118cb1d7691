"""The browser's half of CORS: when it sends a preflight, and how it judges the response.

It follows the Fetch standard (https://fetch.spec.whatwg.org/, "HTTP fetch"). The sentences are
those of Chromium's console, so that people can recognize them and search for them.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from corsadmin.engine.headers import ACAC, ACAH, ACAM, ACAO, check_request_header
from corsadmin.engine.hosts import is_ip
from corsadmin.engine.methods import SAFELISTED_METHODS, is_forbidden_method
from corsadmin.engine.public_suffixes import registrable_domain

# https://fetch.spec.whatwg.org/#concept-method-normalize: these six and no other.
_NORMALISED: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})
_FORM_TYPES: Final = frozenset({
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
})  # fmt: skip
_MAX_VALUE: Final = 128
# https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
_UNSAFE: Final = frozenset('"():<>?@[\\]{}\x7f').union(map(chr, range(0x20))) - {"\t"}
_LANGUAGE: Final = frozenset(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz *,-.;="
)
_OK: Final = range(200, 300)
_VALID_VALUE: Final = " Have the server send the header with a valid value."
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What Chromium throws at a page that uses a forbidden method; nothing is sent then.
UNSUPPORTED: Final = "Failed to execute 'fetch' on 'Window': '%s' HTTP method is unsupported."


class FetchRequest(NamedTuple):
    """What a page wants to send: the normalized method, and the names that need permission."""

    origin: str
    method: str
    unsafe: tuple[str, ...]

    @property
    def needs_preflight(self) -> bool:
        """Report whether a browser sends a preflight first."""
        return self.method not in SAFELISTED_METHODS or self.unsafe != ()


def fetch_request(origin: str, method: str, headers: Mapping[str, str]) -> FetchRequest:
    """Return the request that a browser makes of a page's call to fetch()."""
    return FetchRequest(origin, normalised(method), unsafe_names(headers))


def normalised(method: str) -> str:
    """Return a method as a browser sends it: six methods in upper case, any other unchanged."""
    upper = method.upper()
    return upper if upper in _NORMALISED else method


def is_sendable(method: str) -> bool:
    """Report whether a page may use a method at all."""
    return not is_forbidden_method(method)


def is_settable(name: str) -> bool:
    """Report whether a page may set a request header at all; the browser drops the others."""
    problem = check_request_header(name.lower())
    return problem is None or problem.code != "header-forbidden"


def unsafe_names(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the header names a browser asks permission for: lower case, sorted.

    https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
    """
    # Only five names can be safelisted, with 128 bytes each, so the standard's 1024 are out of
    # reach.
    return tuple(
        sorted(
            {
                name.lower()
                for name, value in headers.items()
                if is_settable(name) and not _is_safelisted(name.lower(), value)
            }
        )
    )


def check_access(headers: Mapping[str, str], origin: str, *, credentials: bool) -> str:
    """Return why a page may not read a response, in Chromium's words, or blank.

    `credentials` says that the page asked with cookies. `headers` may hold several values of one
    name, joined with commas. https://fetch.spec.whatwg.org/#concept-cors-check
    """
    found = {name.lower(): value for name, value in headers.items()}
    allowed = found.get(ACAO.lower())
    fault = ""
    if allowed is None:
        fault = f"No '{ACAO}' header is present on the requested resource."
    elif allowed == "*" and credentials:
        fault = (
            f"The value of the '{ACAO}' header in the response must not be the wildcard '*' "
            "when the request's credentials mode is 'include'."
        )
    elif "," in allowed:
        fault = (
            f"The '{ACAO}' header contains multiple values '{allowed}', but only one is allowed."
            f"{_VALID_VALUE}"
        )
    elif allowed not in ("*", origin):
        fault = (
            f"The '{ACAO}' header has a value '{allowed}' that is not equal to the supplied origin."
            f"{_VALID_VALUE}"
        )
    elif credentials and found.get(ACAC.lower()) != "true":
        fault = (
            f"The value of the '{ACAC}' header in the response is '{found.get(ACAC.lower(), '')}' "
            "which must be 'true' when the request's credentials mode is 'include'."
        )
    return fault


def check_preflight_response(
    status: int, headers: Mapping[str, str], asked: FetchRequest, *, credentials: bool
) -> str:
    """Return why the response to a preflight allows nothing, in Chromium's words, or blank.

    https://fetch.spec.whatwg.org/#cors-preflight-fetch-0 steps 7.1 to 7.7.
    """
    fault = check_access(headers, asked.origin, credentials=credentials)
    if status in REDIRECTS:
        fault = "Redirect is not allowed for a preflight request."
    elif not fault and status not in _OK:
        fault = "It does not have HTTP ok status."
    if fault:
        return f"Response to preflight request doesn't pass access control check: {fault}"
    found = {name.lower(): value for name, value in headers.items()}
    methods = _items(found.get(ACAM.lower(), ""))
    names = {name.lower() for name in _items(found.get(ACAH.lower(), ""))}
    method = asked.method
    star = "*" in methods and not credentials
    if method not in methods and method not in SAFELISTED_METHODS and not star:
        return f"Method {method} is not allowed by {ACAM} in preflight response."
    star = "*" in names and not credentials
    for name in asked.unsafe:
        if name not in names and (not star or name == "authorization"):
            return f"Request header field {name} is not allowed by {ACAH} in preflight response."
    return ""


def blocked(url: str, origin: str, fault: str, *, redirected_from: str = "") -> str:
    """Return the line of Chromium's console for a fault."""
    before = f" (redirected from '{redirected_from}')" if redirected_from else ""
    return (
        f"Access to fetch at '{url}'{before} from origin '{origin}' has been blocked by CORS "
        f"policy: {fault}"
    )


def host_name(authority: str) -> str:
    """Return a host in lower case, without its port."""
    if authority.startswith("["):
        return authority.partition("]")[0].lower() + "]"
    return authority.partition(":")[0].lower()


def schemeful_site(origin: str) -> str:
    """Return the site of an origin: its scheme and its registrable domain.

    https://html.spec.whatwg.org/#obtain-a-site
    """
    scheme, separator, authority = origin.partition("://")
    if not separator:
        return origin  # null
    host = host_name(authority)
    return f"{scheme}://{host if not host or is_ip(host) else registrable_domain(host)}"


def is_same_site(page: str, address: str) -> bool | None:
    """Report whether two origins are one site, as browsers count sites for cookies.

    None if the page is an application's or an extension's: browsers may make exceptions for it.
    """
    if page == "null":
        return False
    if page.partition("://")[0] not in ("http", "https"):
        return None
    return schemeful_site(page) == schemeful_site(address)


def _items(value: str) -> set[str]:
    return {item.strip(" \t") for item in value.split(",")} - {""}


def _is_safelisted(name: str, value: str) -> bool:
    """Report whether a header needs no permission.

    https://fetch.spec.whatwg.org/#cors-safelisted-request-header
    """
    if len(value) > _MAX_VALUE:
        return False
    match name:
        case "accept":
            return _UNSAFE.isdisjoint(value)
        case "accept-language" | "content-language":
            return _LANGUAGE.issuperset(value)
        case "content-type":
            return _UNSAFE.isdisjoint(value) and _essence(value) in _FORM_TYPES
        case "range":
            return _is_simple_range(value)
    return False


def _essence(value: str) -> str:
    return value.partition(";")[0].strip(" \t").lower()


def _is_simple_range(value: str) -> bool:
    unit, _, numbers = value.partition("=")
    first, dash, last = numbers.partition("-")
    digits = [text for text in (first, last) if text]
    return (
        unit == "bytes"
        and dash == "-"
        and first != ""
        and all(text.isascii() and text.isdigit() for text in digits)
        and (last == "" or int(first) <= int(last))
    )
