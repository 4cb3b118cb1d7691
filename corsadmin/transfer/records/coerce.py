"""Turn one value of a file into the value that the database stores, or say why not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.models.fields import AnyField
from corsadmin.models.validation import is_showable
from corsadmin.transfer.records.diagnostics import file_value

Read = Callable[[object], object]
_KINDS: Final = {
    bool: gettext_lazy("true or false"),
    int: gettext_lazy("number"),
    float: gettext_lazy("number"),
    str: gettext_lazy("string"),
    list: gettext_lazy("list"),
    dict: gettext_lazy("object"),
    type(None): "null",
}


class WrongValueError(ValueError):
    """A value cannot be stored: the code of the fault, the text to show, and a suggestion or blank."""

    def __init__(self, code: str, value: str, suggestion: str = "") -> None:
        self.code, self.value, self.suggestion = code, value, suggestion
        super().__init__(code, value)


def reader_for(field: AnyField, *, bounded: bool) -> Read:
    """Return the function that reads values of a model field.

    If `bounded`, it refuses texts longer than the field's `max_length`. The functions of this module
    that read a value raise WrongValueError.
    """
    if isinstance(field, models.BooleanField):
        return read_boolean
    if isinstance(field, models.DateTimeField):
        return read_moment
    if isinstance(field, models.IntegerField):
        return read_number
    if isinstance(field, models.JSONField):
        return read_texts
    return text_reader(field.max_length if bounded else None)


def text_reader(limit: int | None) -> Read:
    """Return the function that reads a text of at most `limit` characters, None for no limit."""

    def read_text(value: object) -> str:
        if not isinstance(value, str):
            raise _wrong_type(_("a string"), value)
        if limit is not None and len(value) > limit:
            amount = _("%(found)d characters, at most %(limit)d are allowed")
            raise WrongValueError("text-too-long", amount % {"found": len(value), "limit": limit})
        check_storable(value)
        return value

    return read_text


def read_boolean(value: object) -> bool:
    """Return a boolean; refuses texts and numbers."""
    if isinstance(value, bool):
        return value
    raise _wrong_type(_("true or false"), value)


def read_number(value: object) -> int | None:
    """Return a whole number, or None for null."""
    if value is None or type(value) is int:
        return value
    raise _wrong_type(_("a whole number or null"), value)


def read_texts(value: object) -> list[str]:
    """Return a list of texts unchanged."""
    if not isinstance(value, list):
        raise _wrong_type(_("a list of strings"), value)
    for item in value:
        if not isinstance(item, str):
            raise _wrong_type(_("a list of strings"), item)
        check_storable(item)
    return value


def read_moment(value: object) -> datetime | None:
    """Return the moment in a text in ISO 8601 with a time zone, in UTC; None for null."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong_type(_("a date and time as a string, or null"), value)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise WrongValueError("moment-without-zone", file_value(value), write_moment(moment))
        if not is_showable(moment):
            raise WrongValueError("moment-out-of-range", file_value(value))
        return moment.astimezone(UTC)
    except ValueError as error:
        if isinstance(error, WrongValueError):
            raise
        raise WrongValueError("moment-invalid", file_value(value)) from None


def write_moment(moment: datetime) -> str:
    """Return a moment in UTC as files write it: `2027-01-31T00:00:00Z`."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


def check_storable(text: str) -> None:
    """Raise WrongValueError for characters that databases reject: NUL and lone surrogates."""
    if "\0" in text:
        raise WrongValueError("text-unstorable", "NUL")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise WrongValueError("text-unstorable", ascii(text[error.start])) from None


def wrong_type(expected: str, value: object) -> str:
    """Return a clause about a value of the wrong type."""
    kind = _KINDS.get(type(value), type(value).__name__)
    found = (
        kind if value is None or isinstance(value, list | dict) else f"{kind} {file_value(value)}"
    )
    return _("Expected %(expected)s, found %(found)s") % {"expected": expected, "found": found}


def _wrong_type(expected: str, value: object) -> WrongValueError:
    return WrongValueError("wrong-type", wrong_type(expected, value))


def plain(value: object) -> object:
    """Return a value in the form for JSON: moments as text, others unchanged."""
    return write_moment(value.astimezone(UTC)) if isinstance(value, datetime) else value
