"""The parts of a line that may be addresses, without the punctuation around them."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from corsadmin.transfer.free_text.bare_names import bare_name
from corsadmin.transfer.free_text.wrapped_links import unwrapped

_QUOTES: Final = (
    "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb\u300c\u300d"
)
_SEPARATORS: Final = (
    rf"\s<>|,;(){{}}\[\]{_QUOTES}\u3001\u3002\uff0c\uff1b\uff08\uff09\u2022\u2023\u25cf\u2192"
)
# Placeholders for a part of an address: {tenant}, ${tenant}, {{ tenant }}, <tenant>.
_PLACEHOLDER: Final = r"\$?\{\{?[\w .-]{1,40}\}?\}|<[\w .-]{1,40}>(?=[.:\w-])"
# People write `[.]` to keep mail programs from making a link. An ideographic stop may separate labels.
_DOT: Final = r"\[\.\]|\(\.\)|\u3002(?=\w)"
_AUTHORITY: Final = rf"(?:{_PLACEHOLDER}|\[[0-9A-Fa-f:.]{{0,45}}\]|{_DOT}|[^{_SEPARATORS}/\\?#&])*"
# A comma is part of a query unless a space or another address follows. `\n` ends a line in JSON.
_TAIL: Final = (
    rf"(?:(?:/|\\(?![nrt]))[^{_SEPARATORS}?#]*)?"
    rf"(?:[?#](?:[^{_SEPARATORS}]|[,;](?!\s|[A-Za-z][A-Za-z0-9+.-]{{0,30}}://|$))*)?"
)
# Also matches `https:/x`, `https:x` and `https//x`. Any other scheme needs its two slashes.
_SCHEME: Final = r"h(?:tt|xx|\*\*)ps?(?:[:;][/\\]*|//)|[A-Z][A-Z0-9+.-]{0,63}://|(?<![^\s\"'=(])//"
_WHOLE: Final = re.compile(
    r"~?(?P<regex>\^[a-z(][^\s\"'`,;<>]{3,})"
    rf"|(?<![A-Z0-9])(?P<scheme>{_SCHEME})(?P<authority>{_AUTHORITY})(?P<tail>{_TAIL})",
    re.IGNORECASE,
)
_DEFANGED: Final = re.compile(r"h(?:xx|\*\*)ps?[:/]", re.IGNORECASE)
# `htps://`, `hhtp://`, `https;//`: no application uses such a scheme.
_MISSPELLED: Final = re.compile(
    r"(?!https?:)(?=[hps]*t)(?=[hts]*p)[htps]{3,8}[:;](?=//)", re.IGNORECASE
)
_RUN: Final = re.compile(rf"[^{_SEPARATORS}]+")
# The written-out @ of an e-mail address, in front of its domain.
_WRITTEN_AT: Final = re.compile(r"[(\[{]\s?(?:at|\u00e4t)\s?[)\]}]\Z", re.IGNORECASE)
_MAX_WRITTEN_AT: Final = 6
_ENDS: Final = ".,;:!?\\\u2026\u3002"
_MARKUP: Final = "*_~"
# Schemes of other protocols; no page has such an origin.
_NOT_OF_PAGES: Final = frozenset({
    "amqp", "amqps", "cassandra", "docker", "docker-image", "git", "git+https", "git+ssh", "gs",
    "imap", "imaps", "jdbc", "kafka", "ldap", "ldaps", "mariadb", "memcached", "mongodb",
    "mongodb+srv", "mssql", "mysql", "nats", "nfs", "oracle", "pop3", "postgis", "postgres",
    "postgresql", "redis", "rediss", "rsync", "rtsp", "s3", "scp", "sftp", "smb", "smtp", "smtps",
    "sqlite", "sqlite3", "ssh", "svn", "tcp", "telnet", "tls", "udp", "unix", "vscode",
})  # fmt: skip


class WrittenAddress(NamedTuple):
    """A part of a line that may be an address; `plain` is the form for the engine to read.

    `start` counts from 0 in the line; `tail` is what follows the authority.
    """

    start: int
    text: str
    plain: str
    tail: str = ""
    has_scheme: bool = True
    is_cut: bool = False  # an ellipsis follows: a program has shortened the address
    is_wrapped: bool = False  # a program has wrapped the address in a link of its own

    @property
    def end(self) -> int:
        """Return the place of the next character."""
        return self.start + len(self.text)

    @property
    def is_defanged(self) -> bool:
        """Report whether the address was written so that nobody can click it."""
        return self.plain != self.text and not (self.is_misspelled or self.is_wrapped)

    @property
    def is_misspelled(self) -> bool:
        """Report whether the scheme looks like a misspelled http or https."""
        return self.has_scheme and _MISSPELLED.match(self.text) is not None


def written_addresses(line: str) -> Iterator[WrittenAddress]:
    """Yield the possible addresses in a line, in order. The line must have no invisible characters."""
    end = 0
    for match in _WHOLE.finditer(line):
        start, found = _whole(line, match)
        yield from _bare(line, end, start)
        if found is not None:
            yield found
        end = match.end() if found is None else found.end
    yield from _bare(line, end, len(line))


def _whole(line: str, match: re.Match[str]) -> tuple[int, WrittenAddress | None]:
    """Return where an address with a scheme begins, and the address; None if it is not one."""
    if match["regex"]:
        text = match["regex"].rstrip(_ENDS)
        return match.start("regex"), WrittenAddress(match.start("regex"), text, text)
    scheme, authority = match["scheme"], match["authority"]
    start = match.start() + _glued(scheme)
    text = line[start : match.end()].rstrip(_ENDS)
    if line[max(start - 1, 0) : start].strip(_MARKUP) != line[max(start - 1, 0) : start]:
        text = text.rstrip(_MARKUP + _ENDS)
    is_whole = scheme.endswith("://")
    name = authority.rpartition("@")[2].rstrip(_ENDS)
    if scheme.lower().removesuffix("://") in _NOT_OF_PAGES or (authority and not name):
        return start, None
    if not is_whole and bare_name(name) is None:
        return start, None
    inner = _WHOLE.match(unwrapped(text))
    if inner is not None:
        tail = inner["tail"].rstrip(_ENDS)
        return start, WrittenAddress(start, text, inner[0], tail, is_wrapped=True)
    tail = match["tail"].rstrip(_ENDS)
    is_cut = not tail and line.startswith(("...", "\u2026"), start + len(text))
    return start, WrittenAddress(start, text, _plain(text), tail, scheme != "//", is_cut)


def _glued(scheme: str) -> int:
    """Return the length of a word that touches the scheme: 6 for `Originhttps://`."""
    lowered = scheme.lower()
    for web in ("https://", "http://"):
        if lowered.endswith(web):
            return len(scheme) - len(web)
    return 0


def _plain(text: str) -> str:
    """Return an address with its defanged parts and misspelled scheme corrected."""
    for dot in ("[.]", "(.)"):
        text = text.replace(dot, ".")
    if _DEFANGED.match(text):
        return f"http{text[len('hxxp') :]}"
    slip = _MISSPELLED.match(text)
    if slip is None:
        return text
    scheme = "https" if "s" in slip[0].lower() else "http"
    return f"{scheme}:{text[slip.end() :]}"


def _bare(line: str, start: int, end: int) -> Iterator[WrittenAddress]:
    """Yield the possible hosts without a scheme in a part of a line."""
    for match in _RUN.finditer(line, start, end):
        found = bare_name(match[0], line[match.end() : match.end() + 1])
        if found is None:
            continue
        begin = match.start() + found.offset
        if not _WRITTEN_AT.search(line, max(0, begin - _MAX_WRITTEN_AT), begin):
            yield WrittenAddress(begin, found.text, found.text, found.tail, has_scheme=False)
