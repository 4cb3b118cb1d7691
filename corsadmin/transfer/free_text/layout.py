"""Tell the kinds of lines apart: headings, table heads, ends of letters, headers of e-mails."""

import re
from typing import Final

from corsadmin.transfer.free_text.finds import FindKind
from corsadmin.transfer.free_text.labels import label, only

_QUOTING: Final = " \t>"
_DASHES: Final = re.compile(r"-- ?\Z")
_NAMES: Final = r"(?:[\s,.!\u2013-]+(?:[A-Z\u00c4\u00d6\u00dc][\w.'-]*)?){0,4}\Z"
_CLOSING: Final = re.compile(
    r"(?:mit (?:freundlichen|besten|herzlichen|vielen) gr\u00fc(?:\u00df|ss)en|mit freundlichem gru(?:\u00df|ss)|"
    r"(?:(?:viele|beste|liebe|freundliche|herzliche|sch\u00f6ne)\w* )?gr\u00fc(?:\u00df|ss)e|"
    r"(?:(?:besten|lieben|sch\u00f6nen) )?gru(?:\u00df|ss)|mfg|vg|lg|"
    r"(?:with )?(?:kind|best|warm|many)?\s?regards|best wishes|best|cheers|sincerely|yours \w+|"
    r"(?:many |best )?thanks(?: a lot| in advance| and regards)?|thank you|thx|"
    r"danke(?: sch\u00f6n| im voraus)?|vielen dank|besten dank|cordialement|saludos|cordiali saluti|"
    r"(?:met vriendelijke )?groet(?:en|jes)?|hilsen)"
    rf"(?i:{_NAMES})",
    re.IGNORECASE,
)
_BEGINS_ANEW: Final = re.compile(
    r"(?:from|von|on|am|de|le|begin forwarded|p\.?\s?s\.?|\[?\d{1,2}:\d\d)\b.*?[:\]]|-{4,}|_{4,}|={4,}",
    re.IGNORECASE,
)
# Headers of an e-mail that name people, and headers that describe its route.
_PEOPLE: Final = re.compile(
    r"(?:from|to|cc|bcc|reply-to|sent|date|von|an|kopie|gesendet|datum|organi[sz]ation|user-agent|"
    r"x-[\w-]+)\s?:",
    re.IGNORECASE,
)
_ROUTE: Final = re.compile(
    r"(?:received|return-path|delivered-to|message-id|in-reply-to|references|list-[\w-]+|dkim-\w+|"
    r"arc-[\w-]+|authentication-results|received-spf|x-spam-\w+|x-mailer)\s?:",
    re.IGNORECASE,
)
_HEADING_ENDS: Final = (":", "[", "{", "(", "=", ":**", ":*", "\uff1a")
# Separators that no sentence contains, so the column heads may be more than bare labels.
_RULED: Final = tuple(map(re.compile, (r"\t", r"\|")))
_CELLS: Final = (*_RULED, *map(re.compile, (";", ",", " {2,}")))
_UNDERLINE: Final = re.compile(r"[-=~*_]{3,}\Z")
_LEAST_CELLS: Final = 2
_MAX_ROW: Final = 4096  # characters of a row within which columns are counted
_MAX_WORDS: Final = 4  # in the head of a column; more is a sentence with commas


def without_quoting(line: str) -> str:
    """Return a line without the quote marks of a reply."""
    return line.strip(_QUOTING)


def depth(line: str) -> int:
    """Return how many times a line was quoted."""
    return line[: len(line) - len(line.lstrip(_QUOTING))].count(">")


def ends_letter(line: str) -> bool:
    """Report whether a line closes a letter, so that a signature follows."""
    return _DASHES.match(line.lstrip(_QUOTING)) is not None or (
        _CLOSING.match(without_quoting(line)) is not None
    )


def begins_anew(line: str) -> bool:
    """Report whether a line ends a signature: it begins another mail, message or postscript."""
    plain = without_quoting(line)
    return _BEGINS_ANEW.match(plain) is not None or is_heading(plain)


def is_heading(plain: str) -> bool:
    """Report whether a line is a heading that says what kind of address follows."""
    return plain.startswith("#") or (plain.endswith(_HEADING_ENDS) and only(plain) is not None)


def is_underline(plain: str) -> bool:
    """Report whether a line underlines the line before it as a heading."""
    return _UNDERLINE.match(plain) is not None


def names_people(plain: str) -> bool:
    """Report whether a line is a mail header that names people, so its domains are for mail."""
    return _PEOPLE.match(plain) is not None


def is_route(plain: str) -> bool:
    """Report whether a line is a mail header that programs write."""
    return _ROUTE.match(plain) is not None


class Table:
    """The separator of a table, and what each column contains according to its head."""

    def __init__(self, separator: re.Pattern[str], columns: tuple[FindKind | None, ...]) -> None:
        self._separator = separator
        self._columns = columns

    @classmethod
    def headed(cls, line: str) -> "Table | None":
        """Return the table that begins with this line, None if the line is not a table head.

        The line must contain no finds.
        """
        plain = line.strip(" ").replace("||", "|")
        for separator in _CELLS:
            cells = separator.split(plain)
            is_head = len(cells) >= _LEAST_CELLS and all(
                len(cell.split()) <= _MAX_WORDS for cell in cells
            )
            read = only if separator in _RULED else label
            kinds = tuple(map(read, cells)) if is_head else ()
            if {FindKind.HOST, FindKind.ORIGIN} & set(kinds):
                return cls(separator, kinds)
        return None

    def holds(self, line: str) -> bool:
        """Report whether a line is a row of the table."""
        return self._separator.search(line.strip(" ")) is not None

    def kind_at(self, line: str, place: int) -> FindKind | None:
        """Return what the head says about the column at a place of a row, or None."""
        before = line[: min(place, _MAX_ROW)].lstrip(" ")
        number = len(self._separator.findall(before))
        return self._columns[number] if number < len(self._columns) else None
