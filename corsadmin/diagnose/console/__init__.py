"""Read what people paste about a blocked call: console lines of any browser, HAR, copied requests."""

from dataclasses import replace

from corsadmin.diagnose.console.blocked import read_blocked
from corsadmin.diagnose.console.chromium import read_chromium
from corsadmin.diagnose.console.content_blockers import read_content_blockers
from corsadmin.diagnose.console.cookies import read_cookies
from corsadmin.diagnose.console.copied import read_copied
from corsadmin.diagnose.console.csrf import read_csrf
from corsadmin.diagnose.console.firefox import read_firefox
from corsadmin.diagnose.console.firefox_cookies import read_firefox_cookies
from corsadmin.diagnose.console.har import read_har
from corsadmin.diagnose.console.headers_tab import read_headers_tab
from corsadmin.diagnose.console.issues_tab import read_issues_tab
from corsadmin.diagnose.console.pasted import MAX_TEXT, on_one_line, plain_lines
from corsadmin.diagnose.console.protocol import is_of_protocol, read_protocol
from corsadmin.diagnose.console.reading import BlockDetail, BlockKind, Reading
from corsadmin.diagnose.console.request_lines import read_requests
from corsadmin.diagnose.console.signs import Sign, add_up
from corsadmin.diagnose.console.webkit import read_webkit

__all__ = ["MAX_TEXT", "BlockDetail", "BlockKind", "Reading", "read"]


def read(text: str) -> Reading:
    """Return what a text says about a blocked call, and nothing that it does not say.

    Reads the first MAX_TEXT characters only; of a longer HAR, the entries that are complete in them.
    Never raises; takes time linear in the length.
    """
    begin = text[:MAX_TEXT]
    return _literal(add_up(_signs(plain_lines(begin))), begin)


def _signs(lines: str) -> list[Sign]:
    if '"entries"' in lines:
        # A HAR without a blocked call may be incomplete: it does not prove that no policy helps.
        return [*read_har(lines)] or [Sign(at=0)]
    if is_of_protocol(lines):
        return [*read_protocol(lines)]
    line = on_one_line(lines)
    return [
        *read_chromium(line),
        *read_firefox(line),
        *read_webkit(line),
        *read_blocked(line),
        *read_content_blockers(line),
        *read_cookies(line),
        *read_csrf(line),
        *read_firefox_cookies(line),
        *read_issues_tab(line),
        *read_requests(line),
        *read_headers_tab(line),
        *read_copied(lines),
    ]


def _literal(reading: Reading, text: str) -> Reading:
    """Return a reading without the addresses whose host the text does not contain literally."""
    return replace(
        reading,
        page=_if_literal(reading.page, text),
        url=_if_literal(reading.url, text),
        redirected_from=_if_literal(reading.redirected_from, text),
    )


def _if_literal(address: str | None, text: str) -> str | None:
    host = (address or "").partition("://")[2].partition("/")[0]
    return address if host in text else None
