"""Recognize by a code what pages and commands say, so that no other test holds the wording.

The files beside this one give each text its code; an area has a file. After a rewording, change the
text there, and nothing else.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext, ngettext

import corsadmin

FOLDER: Final = Path(__file__).parent
CATALOGUE: Final = Path(corsadmin.__file__).parent / "locale" / "de" / "LC_MESSAGES" / "django.po"

_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[.\d]*[sdf]|%(%)")
_PLURAL: Final = re.compile(r'^msgid (".*")\nmsgid_plural (".*")$', re.MULTILINE)
_ATTRIBUTE: Final = re.compile(r'="([^"]*)"')
# Tags that stand inside a sentence. Any other tag ends one.
_INLINE: Final = re.compile(r"</?(?:a|abbr|b|bdi|code|em|q|small|span|strong|time)\b[^>]*>")
_TAG: Final = re.compile(r"<[^>]*>")

# A value at an edge of a text is whole there: 2 is not the end of 12, nor acme that of not-acme.
_BEGIN: Final = r"(?<!\w)(?<!\w[.,-])"
_END: Final = r"(?!\w|[.,-]\w)"

# A response of Django's test client, what a command printed, or several messages.
Shown = Any


def assert_says(shown: Shown, code: str, **values: object) -> None:
    """Assert that the text with this code is shown, with these values for its placeholders.

    Placeholders that are not given may have any value.
    """
    assert says(shown, code, **values), f"{code} {values} is not in:\n{readable(shown)}"


def assert_silent(shown: Shown, *codes: str, **values: object) -> None:
    """Assert that no text with one of these codes is shown (with these values)."""
    for code in codes:
        assert not says(shown, code, **values), f"{code} {values} is in:\n{readable(shown)}"


def says(shown: Shown, code: str, **values: object) -> bool:
    """Report whether the text with this code is shown, with these values for its placeholders."""
    return times(shown, code, **values) > 0


def times(shown: Shown, code: str, **values: object) -> int:
    """Return how many times the text with this code is shown, with these values."""
    return len(re.findall(pattern(code, **values), readable(shown)))


def pattern(code: str, **values: object) -> str:
    """Return the regular expression of a text, with these values, for `match` of `pytest.raises`."""
    known = placeholders(code)
    assert values.keys() <= known, f"{code} has only the placeholders {sorted(known)}"
    return "|".join(_pattern(form, values) for form in forms(code))


def readable(shown: Shown) -> str:
    """Return what people read of something shown: one line for each block and each attribute."""
    if not isinstance(shown, str):
        content = getattr(shown, "content", None)
        shown = "\n".join(map(str, shown)) if content is None else content.decode()
    if "</" not in shown and "/>" not in shown:
        return unescape(shown)
    page = " ".join(shown.split())
    lines = [*_TAG.sub("\n", _INLINE.sub("", page)).split("\n"), *_ATTRIBUTE.findall(page)]
    return "\n".join(unescape(line).strip() for line in lines if line.strip())


def text(code: str) -> str:
    """Return the text with a code, as a value that another text holds."""
    return forms(code)[0]


def filled(code: str, **values: object) -> str:
    """Return the text with a code and its values, in the plural unless its number is 1."""
    number = next((values[name] for name in ("count", "counter", "number") if name in values), 1)
    return forms(code)[0 if str(number) == "1" else -1] % values


def forms(code: str) -> tuple[str, ...]:
    """Return the text with a code, and its plural if it has one."""
    one = texts()[code]
    return one, *plurals().get(one, ())


def placeholders(code: str) -> set[str]:
    """Return the names of the values that the text with a code holds."""
    return {name for form in forms(code) for name, _ in _PLACEHOLDER.findall(form) if name}


def translated(code: str) -> tuple[str, ...]:
    """Return the text with a code in the active language, and its plural if it has one."""
    one, *many = forms(code)
    if not many:
        return (gettext(one),)
    return ngettext(one, many[0], 1), ngettext(one, many[0], 2)


@cache
def texts() -> Mapping[str, str]:
    """Return every text by its code."""
    return dict(line for area in areas().values() for line in area)


@cache
def areas() -> Mapping[str, list[tuple[str, str]]]:
    """Return the codes and texts of each area, in the order of its file."""
    return {file.stem: [*_lines(file)] for file in sorted(FOLDER.glob("*.txt"))}


@cache
def plurals() -> Mapping[str, tuple[str, ...]]:
    """Return the plural of each text that has one."""
    found = _PLURAL.findall(CATALOGUE.read_text("utf-8"))
    return {ast.literal_eval(one): (ast.literal_eval(many),) for one, many in found}


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text("utf-8").splitlines():
        code, colon, said = line.partition(": ")
        assert colon, f"{file.name}: {line}"
        yield code, said


def _pattern(form: str, values: Mapping[str, object]) -> str:
    parts = []
    end = 0
    whole = " ".join(_TAG.sub("", form).split())
    for match in _PLACEHOLDER.finditer(whole):
        name = match[1]
        parts.append(_literal(whole[end : match.start()]))
        if name is None:
            parts.append("%")
        else:
            parts.append(_value(str(values[name]), match, whole) if name in values else ".+?")
        end = match.end()
    return "".join((*parts, _literal(whole[end:])))


def _value(value: str, place: re.Match[str], whole: str) -> str:
    begin = _BEGIN if place.start() == 0 else ""
    return begin + re.escape(value) + (_END if place.end() == len(whole) else "")


def _literal(part: str) -> str:
    """Return the pattern of a text in which a line may be broken at any space."""
    return re.escape(unescape(part)).replace("\\ ", r"\s+")
