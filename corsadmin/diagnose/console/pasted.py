"""Make pasted text plain: remove the quote marks, typography and line ends that tickets add."""

from typing import Final

# Only this many characters of a text are read.
MAX_TEXT: Final = 8192

_QUOTES: Final = "\u2018\u2019\u201a\u201b\u2032`\u00b4"
_DOUBLE_QUOTES: Final = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d\u300e\u300f"
_SPACES: Final = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
# Soft hyphen, zero-width characters, marks of direction, byte order mark.
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_FULL_WIDTH: Final = {"\uff08": "(", "\uff09": ")", "\uff1a": ": ", "\u3002": "."}
_PLAIN: Final = str.maketrans(
    dict.fromkeys(_QUOTES, "'")
    | dict.fromkeys(_DOUBLE_QUOTES, '"')
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_INVISIBLE, "")
    | _FULL_WIDTH
)
# Quotes as issue trackers escape them in HTML.
_ESCAPED: Final = {"&#39;": "'", "&#x27;": "'", "&quot;": '"'}
_MARKS_OF_QUOTING: Final = "> |\t"


def on_one_line(text: str) -> str:
    """Return text on one line: straight quotes, single spaces, no marks of a quoted reply."""
    return " ".join(plain_lines(text).split())


def plain_lines(text: str) -> str:
    """Return the lines of a text with straight quotes and without the marks of a quoted reply."""
    for escaped, quote in _ESCAPED.items():
        text = text.replace(escaped, quote)
    lines = text.translate(_PLAIN).splitlines()
    return "\n".join(line.lstrip(_MARKS_OF_QUOTING) for line in lines)
