"""Chromium's issues as JSON: what its DevTools protocol says about CORS, cookies and other causes."""

import re
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.addresses import checked_url, origin_of
from corsadmin.diagnose.console.reading import BlockDetail, BlockKind
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
# What marks the issues of each cause, and the name of the field that holds the URL.
_CAUSES: Final = {
    re.compile(r'"resolutionStatus"\s{0,8}:\s{0,8}"MixedContentBlocked"'): (
        BlockKind.MIXED_CONTENT,
        "insecureURL",
    ),
    re.compile(r'"reason"\s{0,8}:\s{0,8}"Corp\w{1,64}"'): (BlockKind.CORP, "url"),
    re.compile(r'"isReportOnly"\s{0,8}:\s{0,8}false'): (BlockKind.CSP, "blockedURL"),
}
_EXCLUDED: Final = re.compile(r'"cookieExclusionReasons"\s{0,8}:\s{0,8}\[\s{0,80}"(\w{1,64})"')
_DETAILS: Final = {
    "ExcludeSameSiteUnspecifiedTreatedAsLax": BlockDetail.COOKIE_SAMESITE,
    "ExcludeSameSiteLax": BlockDetail.COOKIE_SAMESITE,
    "ExcludeSameSiteStrict": BlockDetail.COOKIE_SAMESITE,
    "ExcludeSameSiteNoneInsecure": BlockDetail.COOKIE_SECURE,
    "ExcludeThirdPartyPhaseout": BlockDetail.COOKIE_BLOCKED,
}
_MARKS: Final = ('"corsError"', '"cookieExclusionReasons"', 'IssueDetails"')


def is_of_protocol(text: str) -> bool:
    """Report whether a text holds an issue of the protocol."""
    return any(mark in text for mark in _MARKS)


def read_protocol(text: str) -> Iterator[Sign]:
    """Yield a sign for the first issue of each cause in a text."""
    error = _ERROR.search(text)
    if error is not None:
        yield _cors(error, text)
    for pattern, (kind, name) in _CAUSES.items():
        cause = pattern.search(text)
        if cause is not None:
            url = _found(_field(name), text)
            yield Sign(at=cause.start(), kind=kind, engine="chromium", url=checked_url(url or ""))
    excluded = _EXCLUDED.search(text)
    detail = _DETAILS.get(excluded[1]) if excluded else None
    if excluded is not None and detail is not None:
        url = _found(_field("cookieUrl"), text)
        yield Sign(
            at=excluded.start(),
            engine="chromium",
            detail=detail,
            subject=_found(_field("name"), text),
            url=checked_url(url or ""),
            cured=False,
        )


def _field(name: str) -> re.Pattern[str]:
    return re.compile(rf'"{name}"\s{{0,8}}:\s{{0,8}}"([^"\\]{{1,4000}})"')


def _cors(error: re.Match[str], text: str) -> Sign:
    code = error[2]
    kind = BlockKind.LNA if _PRIVATE.search(code) else _KINDS.get(code, BlockKind.UNKNOWN)
    parameter = _found(_PARAMETER, text)
    if parameter is None or not is_token(parameter):
        parameter = ""
    url, page = _found(_URL, text), _found(_ORIGIN, text)
    return Sign(
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
