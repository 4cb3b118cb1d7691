"""What Django's CSRF check says: on its page, in its log, in the responses of REST framework.

Django does not translate the reasons. The words are those of django/middleware/csrf.py and of
django/views/csrf.py, old versions included.
"""

import re
from collections.abc import Iterator
from typing import Final

from corsadmin.diagnose.console.reading import BlockDetail
from corsadmin.diagnose.console.signs import Sign

_REASONS: Final[dict[BlockDetail, re.Pattern[str]]] = {
    BlockDetail.CSRF_ORIGIN: re.compile(
        r"Origin checking failed - (\S{1,400}) does not match any trusted|Origin checking failed"
    ),
    BlockDetail.CSRF_REFERER: re.compile(
        r"Referer checking failed - (\S{1,4000}) does not match any trusted"
        r"|Referer checking failed|requires a ['\"]Referer header()"
    ),
    BlockDetail.CSRF_COOKIE: re.compile(
        r"CSRF cookie (?:not set|has in)|requires a CSRF cookie when submitting"
    ),
    BlockDetail.CSRF_TOKEN: re.compile(r"CSRF token (?:missing|from|has in)"),
}
# Django's page if it shows no reason. Django translates the page.
_PAGE: Final = re.compile(r"CSRF verification failed|\(403\)[^()]{1,60}CSRF")


def read_csrf(text: str) -> Iterator[Sign]:
    """Yield a sign for each reason of Django's CSRF check, or one for its page alone."""
    found = [
        (detail, match) for detail, words in _REASONS.items() for match in words.finditer(text)
    ]
    for detail, match in found:
        subject = match[1] if match.re.groups else None
        yield Sign(at=match.start(), detail=detail, subject=subject or None, cured=False)
    page = None if found else _PAGE.search(text)
    if page is not None:
        yield Sign(at=page.start(), detail=BlockDetail.CSRF, cured=False)
