"""Unwrap the links that mail filters and search engines wrap in links of their own."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote


def _dashes(text: str) -> str:
    """Decode Proofpoint's first format, in which `-` is a percent sign and `_` a slash."""
    return unquote(text.replace("-", "%").replace("_", "/"))


_WRAPPERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]] = tuple(
    (re.compile(rf"https?://{pattern}", re.IGNORECASE), read)
    for pattern, read in (
        (
            r"[\w.-]+\.safelinks\.protection\.outlook\.com/[^?#]*\?(?:[^#]*&(?:amp;)?)?url=([^&#]+)",
            unquote,
        ),
        (r"urldefense\.(?:com|us|proofpoint\.com)/v3/__(.+)__", str),
        (r"urldefense\.proofpoint\.com/v[12]/url\?(?:[^#]*&(?:amp;)?)?u=([^&#]+)", _dashes),
        (r"(?:www\.)?google\.[a-z.]{2,6}/url\?(?:[^#]*&(?:amp;)?)?(?:q|url)=([^&#]+)", unquote),
    )
)
_WEB: Final = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def unwrapped(text: str) -> str:
    """Return the http or https link inside a wrapping link, blank if there is none."""
    for pattern, read in _WRAPPERS:
        found = pattern.match(text)
        if found:
            inner = read(found[1])
            return inner if _WEB.match(inner) and inner.isprintable() else ""
    return ""
