"""Chromium's issues as JSON: what its DevTools protocol says of a CORS error."""

import re
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.addresses import checked_url, origin_of
from corsadmin.diagnose.console.reading import BlockKind
from corsadmin.diagnose.console.signs import Sign
from corsadmin.engine.headers import is_token

_ERROR: Final = re.compile(r'"corsError"\s{0,8}:\s{0,8}"(Preflight)?(\w{1,64})"')
_PARAMETER: Final = re.compile(r'"failedParameter"\s{0,8}:\s{0,8}"([^"\\]{1,200})"')
_URL: Final = re.compile(r'"url"\s{0,8}:\s{0,8}"([^"\\]{1,4000})"')
_ORIGIN: Final = re.compile(r'"initiatorOrigin"\s{0,8}:\s{0,8}"([^"\\]{1,400})"')
_PRIVATE: Final = re.compile(r"PrivateNetwork|LocalNetwork|AllowExternal")
_KINDS: Final = {
    "MissingAllowOriginHeader": BlockKind.NO_ACAO,
    "MultipleAllowOriginValues": BlockKind.MULTIPLE_ACAO,
    "InvalidAllowOriginValue": BlockKind.INVALID_ACAO,
    "AllowOriginMismatch": BlockKind.WRONG_ACAO,
    "WildcardOriginNotAllowed": BlockKind.WILDCARD_CREDENTIALS,
    "InvalidAllowCredentials": BlockKind.ACAC_MISSING,
    "InvalidStatus": BlockKind.PREFLIGHT_STATUS,
    "DisallowedRedirect": BlockKind.PREFLIGHT_REDIRECT,
    "InvalidAllowMethodsPreflightResponse": BlockKind.METHOD,
    "MethodDisallowedByPreflightResponse": BlockKind.METHOD,
    "InvalidAllowHeadersPreflightResponse": BlockKind.HEADER,
    "HeaderDisallowedByPreflightResponse": BlockKind.HEADER,
}


def read_protocol(text: str) -> Iterator[Sign]:
    """Yield a sign for the first CORS error of the protocol in a text."""
    error = _ERROR.search(text)
    if error is None:
        return
    code = error[2]
    kind = BlockKind.LNA if _PRIVATE.search(code) else _KINDS.get(code, BlockKind.UNKNOWN)
    parameter = _found(_PARAMETER, text)
    if parameter is None or not is_token(parameter):
        parameter = ""
    url, page = _found(_URL, text), _found(_ORIGIN, text)
    yield Sign(
        at=error.start(),
        kind=kind,
        engine="chromium",
        page=page if page == "null" else origin_of(page or ""),
        url=checked_url(url or ""),
        method=parameter if parameter and code.startswith("MethodDisallowed") else None,
        header=parameter.lower() if parameter and code.startswith("HeaderDisallowed") else None,
        preflight=True if error[1] else None,
    )


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match[1] if match else None
