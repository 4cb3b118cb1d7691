"""Tell host names without a scheme from file names, versions, e-mail addresses and plain words."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from corsadmin.engine.origins import public_suffix_of

# Reserved by RFC 2606, RFC 6761 and RFC 6762, or by ICANN for private use.
_RESERVED: Final = frozenset(
    {"example", "home.arpa", "internal", "lan", "local", "localhost", "test"}
)
# Top-level domains that are far more often the suffix of a file name.
_FILE_ENDINGS: Final = frozenset({"java", "md", "mov", "ps", "py", "sh", "zip"})
# Names of objects in code that people paste: `request.host`, `self.name`.
_OBJECTS: Final = frozenset({
    "cls", "config", "console", "document", "e", "err", "event", "log", "logger", "module", "os",
    "process", "req", "request", "res", "response", "self", "settings", "sys", "this", "user",
    "window",
})  # fmt: skip
_PRODUCTS: Final = frozenset({"ado.net", "asp.net", "co.kg", "socket.io", "vb.net"})
# First labels of package names, such as `com.acme.app`.
_REVERSED: Final = frozenset({"com", "net", "org"})
# Keys before the host in the connection string of a database.
_DATABASE_KEYS: Final = frozenset({"server", "source"})
_LEADING: Final = ".,:!?*_~\u2026-\u2013\u2014\u00b7=#+&%$\\'"
_TRAILING: Final = ".,:!?*_~\u2026-\u2013\u2014\u00b7=#+&%$\\'"
_LABEL: Final = r"[\w*-]+"
_NAME: Final = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\Z")
_TAIL: Final = re.compile(r"[/?#]")
_PORT: Final = re.compile(r":(?:[0-9]{1,6}|\*)\Z")
_MAX_LENGTH: Final = 2048


class BareName(NamedTuple):
    """A host name in a run of characters, with its port and path. `offset` is where it begins.

    `tail` is the part of `text` from the path on.
    """

    offset: int
    text: str
    tail: str


def bare_name(run: str, after: str = "") -> BareName | None:
    """Return the host name in a run of characters without spaces, or None.

    `after` is the character that follows the run.
    """
    if len(run) > _MAX_LENGTH or "@" in run or run.startswith(("/", "\\", "./", "~/")):
        return None
    offset, text = _trimmed(run)
    cut = _TAIL.search(text)
    head = text[: cut.start()] if cut else text
    tail = text[len(head) :]
    if tail and run.rstrip("'").endswith(":"):
        return None  # the key of a mapping, such as an annotation
    key, _equals, named = head.rpartition("=")
    port = _PORT.search(named)
    name = named[: port.start()] if port else named
    name = name.rpartition(":")[2]
    begin = len(head) - len(port[0] if port else "") - len(name)
    is_code = (after == "(" and not tail) or key.lower() in _DATABASE_KEYS
    if is_code or not _is_name(name, is_marked=bool(port or tail)):
        return None
    return BareName(offset + begin, text[begin:], tail)


def _trimmed(run: str) -> tuple[int, str]:
    """Return the number of marks before a run, and the run without the marks around it."""
    text = run.lstrip(_LEADING)
    # A wildcard keeps its star; a bullet that touches a name is not one.
    if text and run[: len(run) - len(text)].endswith(("*.", "*-")):
        mark = len(run) - len(text) - 2
        text = run[mark:]
    offset = len(run) - len(text)
    ends = text.rstrip(_TRAILING)
    if text[len(ends) :].startswith(":*"):
        ends = text[: len(ends) + 2]
    return offset, ends


def _is_name(name: str, *, is_marked: bool) -> bool:
    """Report whether a name is that of a host; a port or a path after it marks it."""
    lowered = name.lower()
    if lowered == "localhost":
        return is_marked
    if not _NAME.match(name) or "." not in name or lowered in _PRODUCTS:
        return False
    labels = lowered.split(".")
    suffix = _suffix(labels[-1], ".".join(labels[-2:]))
    if not suffix or suffix == lowered or _is_package(labels):
        return False
    if suffix in _FILE_ENDINGS and labels[0] != "www":
        return False
    # Not a name: two words around a full stop without a space, or an attribute in code.
    is_sentence = name.rpartition(".")[2].istitle()
    is_attribute = labels[0] in _OBJECTS and not is_marked
    return len(labels) > len(("name", "suffix")) or not (is_sentence or is_attribute)


def _is_package(labels: list[str]) -> bool:
    """Report whether a name is written backwards: `com.acme.app`."""
    first, *_rest, last = labels
    return first in _REVERSED and last not in _REVERSED and len(last) > len("de")


@lru_cache(maxsize=1_000)
def _suffix(last: str, both: str) -> str:
    """Return the suffix of a name, by its last label and last two labels; blank if it has none."""
    return last if last in _RESERVED else public_suffix_of(both)
