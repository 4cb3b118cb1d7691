"""Read a regular expression or a template of one origin as the pattern of an entry.

The expression is read as text and never run. If any part is left that is not plain text, it has no
reading.
"""

import re
from typing import Final, NamedTuple

_SIGNS: Final = (
    *("(", "|", "\\.", "\\/", ":\\d", "[^", "]+", "]*", "]{", "//.*", "//.+", "s?://"),
    *("\\d+", "\\d*", "\\d{", "\\w+", "\\w*", "\\w{", "[\\w"),
)
_LEFT_OVER: Final = frozenset("*+?()[]{}|\\^$<>")
# Stand-ins for a star: for any text, and for text without a dot. A text that has one is not read.
_STAR, _DOTLESS = "\x00", "\x01"
_COUNT: Final = r"(?:[*+]|\{[0-9,]{1,9}\})\??"
_ANYTHING: Final = r"(?<!\\)\.[*+]\??"
# Classes of every character that a label may have, without the dot.
_WHOLE: Final = r"\[(?:\^[./]{1,2}|\\w-|-\\w|a-z0-9_-|a-zA-Z0-9_-|0-9a-z_-)\][*+]\??"
_PARTIAL: Final = rf"(?:\\[dw]|\[[^\[\]/]{{1,40}}\]){_COUNT}"


def _grouped(token: str) -> str:
    return rf"(?:\((?:\?:|\?P?<\w{{1,40}}>)?{token}\)|{token})"


_ANY_TEXT: Final = re.compile(_grouped(_ANYTHING))
_ONE_LABEL: Final = re.compile(_grouped(_WHOLE))
_WIDER: Final = re.compile(_grouped(_PARTIAL))
_LABELS: Final = re.compile(rf"(?<=://){_grouped(_ANYTHING)}\\?\.")
_ANY_PORT: Final = re.compile(r"\((?:\?:)?:(?:\\d|\[0-9\])(?:[*+]|\{1,5\})\)\?$")
_SOME_PORT: Final = re.compile(rf":(?:{_grouped(_PARTIAL)}|{_grouped(_ANYTHING)})$")
_TEMPLATE: Final = re.compile(r"\$?\{\{?[\w .-]{1,40}\}?\}|<[\w .-]{1,40}>")


class RegexReading(NamedTuple):
    """What was read: `text` is blank if no entry can express it."""

    code: str
    text: str
    is_wider: bool = False


def read_regex(text: str) -> RegexReading | None:
    """Return the reading of a regular expression or template; None if text is neither.

    `is_wider` says that the entry would let in more than the text does.
    """
    if text.startswith("^") or text.endswith("$") or any(sign in text for sign in _SIGNS):
        return _read_regex(text)
    scheme, separator, rest = text.rpartition("://")
    authority, tail, path = rest.partition("/")
    found, count = _TEMPLATE.subn("*", authority)
    # A template stands for some names, but a star for all.
    read = RegexReading(
        "origin-placeholder", f"{scheme}{separator}{found}{tail}{path}", is_wider=True
    )
    return read if count else None


def _read_regex(text: str) -> RegexReading:
    plain = text.removeprefix("^").removesuffix("$")
    plain, is_any_port = _ANY_PORT.subn("", plain)
    plain, is_some_port = _SOME_PORT.subn("", plain)
    plain, has_labels = _LABELS.subn(f"{_STAR}.", plain)
    plain = _ONE_LABEL.sub(_DOTLESS, _ANY_TEXT.sub(_STAR, plain))
    plain, is_wider = _WIDER.subn(_STAR, plain)
    scheme, separator, rest = plain.replace("\\.", ".").replace("\\/", "/").partition("://")
    if _LEFT_OVER.intersection(scheme + rest) or not {_STAR, _DOTLESS}.isdisjoint(text):
        return RegexReading("origin-regex", "")
    # The star of an application stands for dots too.
    is_wider = is_wider or rest == _DOTLESS
    begins_dotless, rest = rest.startswith(_DOTLESS), rest.replace(_DOTLESS, _STAR)
    if rest.startswith(f"{_STAR}."):
        # A star for a whole label stands for several as well.
        is_wider = is_wider or not has_labels
    elif rest.startswith(_STAR) and rest.count(".") == 1:
        # Exclude names that merely end like the domain: hardly anybody means them.
        rest = f"{_STAR}.{rest.removeprefix(_STAR)}"
        is_wider = is_wider or begins_dotless
    port = ":*" if is_any_port or is_some_port else ""
    written = f"{scheme}{separator}{rest}".replace(_STAR, "*") + port
    return RegexReading("origin-regex", written, is_wider=bool(is_wider or is_some_port))
