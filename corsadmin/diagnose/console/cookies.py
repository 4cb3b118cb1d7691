"""What browsers say about a cookie that they withhold. Warnings about future versions do not count.

The words are those of DevTools (NetworkRequest.ts, CookieIssue.ts and the texts of its issues) and of
Firefox's necko.properties.
"""

import re
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.addresses import first_url
from corsadmin.diagnose.console.reading import BlockDetail
from corsadmin.diagnose.console.signs import Sign

_CHROMIUM: Final[dict[BlockDetail, re.Pattern[str]]] = {
    BlockDetail.COOKIE_SAMESITE: re.compile(
        r"was blocked because it had the ['\"]?SameSite=(?:Lax|Strict)"
        r"|defaulted to ['\"]?SameSite=Lax[,'\"]{0,3} and was blocked"
        r"|defaults to ['\"]?SameSite=Lax['\"]?, (?:which|and) prevents"
        r"|was set without the ['\"]?SameSite['\"]? attribute. It has been blocked"
    ),
    BlockDetail.COOKIE_SECURE: re.compile(
        r"was blocked because it had the ['\"]?SameSite=None['\"]? attribute but"
        r"|was set with ['\"]?SameSite=None['\"]? but without ['\"]?Secure['\"]?. It has been blocked"
        r"|Cookies marked with ['\"]?SameSite=None['\"]? must also be marked with"
    ),
    BlockDetail.COOKIE_INSECURE: re.compile(
        r"was blocked because it had the ['\"]?Secure['\"]? attribute"
    ),
    BlockDetail.COOKIE_BLOCKED: re.compile(
        r"(?:[Cc]ookie|header)['\"]? was blocked (?:due to user pref|due to third-party|either because)"
        r"|hird-party cookie (?:is )?blocked"
    ),
    BlockDetail.COOKIE_REDIRECT: re.compile(
        r"Cookie is blocked due to a cross-site redirect|redirect chain was ?n[o']t fully same-site"
    ),
}
# French puts spaces inside the quotes; Dutch uses single quotes.
_NAME: Final = (
    r"""(?P<quote>["']) ?(?!Set-Cookie|Cookie |Secure|SameSite|cross-site)"""
    r"""(?P<name>[^"' ]{1,200}) ?(?P=quote)"""
)
# A word must come between the two: a bare list of the valid values is not about one cookie.
_LAX_OR_STRICT: Final = r"""["'] ?SameSite ?["'][^"]{1,40}["'] ?Lax ?["'][^"']{0,12}[^\W\d_][^"']{0,12}["'] ?Strict ?["']"""
# Firefox quotes what it does not translate, so most of these hold in every language.
_FIREFOX: Final[dict[BlockDetail, re.Pattern[str]]] = {
    BlockDetail.COOKIE_REDIRECT: re.compile(
        rf"{_NAME} with the {_LAX_OR_STRICT} was omitted because of a cross-site redirect"
    ),
    BlockDetail.COOKIE_SAMESITE: re.compile(rf'{_NAME}(?! with the)[^"]{{1,200}}{_LAX_OR_STRICT}'),
    BlockDetail.COOKIE_SECURE: re.compile(
        rf"""{_NAME}[^"]{{1,200}}["'] ?(?:SameSite=None|Partitioned) ?["'][^"]{{1,80}}"""
        r"""["'] ?[Ss]ecure ?["']"""
    ),
    # English text of old versions, from before Enhanced Tracking Protection.
    BlockDetail.COOKIE_BLOCKED: re.compile(
        r"Request to access cookies? or storage on (?=.{1,4000}? was blocked because)"
    ),
}


def read_cookies(text: str) -> Iterator[Sign]:
    """Yield a sign for each cookie that a browser withheld."""
    for detail, words in _CHROMIUM.items():
        for match in words.finditer(text):
            # No `url`: Chromium builds some of them from the cookie's domain, and no page called it.
            yield Sign(at=match.start(), engine="chromium", detail=detail, cured=False)
    for detail, words in _FIREFOX.items():
        for match in words.finditer(text):
            yield Sign(
                at=match.start(),
                engine="firefox",
                detail=detail,
                subject=match.groupdict().get("name"),
                url=None if words.groups else first_url(text[match.end() : match.end() + 4000]),
                cured=False,
            )
