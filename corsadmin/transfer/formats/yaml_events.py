"""Read YAML event by event, and refuse everything but plain values, lists and objects.

PyYAML's nodes would need many times the memory, and a small file could demand much of it.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

# Imported only after the caller has found PyYAML.
import yaml
from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError, DocumentValue, make_object

MAX_DEPTH: Final = 20
MAX_SIZE: Final = (
    32_000_000  # characters; a single event may have all, and PyYAML copies it several times
)
# PyYAML compares each one with all before it, before it yields an event.
MAX_TAG_DIRECTIVES: Final = 100
_TAG_DIRECTIVE: Final = "%TAG"
# The part of YAML 1.2's core schema that JSON has: `no` is a text, and so is a date.
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_NUMBER: Final = re.compile("-?[0-9]{1,15}")
# The parser in C, if available, is many times faster.
_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlStream:
    """A Source that reads YAML from pieces of text. Every method may raise BrokenTextError."""

    def __init__(self, pieces: Iterator[str], most: int) -> None:
        """`most` bounds the events of the document."""
        self._events = yaml.parse(_Text(pieces), Loader=_PARSER)
        self._left = most
        self._depth = 0
        self._keys: dict[str, str] = {}  # one object for each key that repeats
        self._take()  # the start of the stream
        self._event = self._take()
        if isinstance(self._event, yaml.DocumentStartEvent):
            self._event = self._take()

    def is_object(self) -> bool:
        return isinstance(self._event, yaml.MappingStartEvent)

    def is_array(self) -> bool:
        return isinstance(self._event, yaml.SequenceStartEvent)

    def keys(self) -> Iterator[str]:
        self._enter()
        while not isinstance(self._event, yaml.MappingEndEvent):
            event = self._event
            _check(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _refused(event, _("a key must be a string"))
            self._go_on()
            yield self._keys.setdefault(event.value, event.value)
        self._leave()

    def elements(self) -> Iterator[int]:
        self._enter()
        index = 0
        while not isinstance(self._event, yaml.SequenceEndEvent):
            yield index
            index += 1
        self._leave()

    def value(self) -> DocumentValue:
        if self.is_array():
            return [self.value() for _index in self.elements()]
        if self.is_object():
            return make_object([(name, self.value()) for name in self.keys()])
        event = self._event
        if isinstance(event, yaml.StreamEndEvent):
            return None
        _check(event)
        self._go_on()
        return _plain(event.value) if event.implicit[0] else event.value

    def at_hand(self) -> dict[str, object] | None:
        """Return None: no value is in memory before its events are read."""
        return None

    def end(self) -> None:
        if isinstance(self._event, yaml.DocumentEndEvent):
            self._go_on()
        if not isinstance(self._event, yaml.StreamEndEvent):
            raise _refused(self._event, _("it contains more than one document"))

    def _enter(self) -> None:
        _check(self._event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _refused(self._event, _("it is nested too deeply"))
        self._go_on()

    def _leave(self) -> None:
        self._depth -= 1
        self._go_on()

    def _go_on(self) -> None:
        self._event = self._take()

    def _take(self) -> Any:
        try:
            event = next(self._events)
        except yaml.YAMLError as error:
            raise _broken(error) from None
        self._left -= 1
        if self._left < 0:
            raise _refused(event, _("it contains too many values for YAML; use JSON"))
        return event


class _Text:
    """A text for PyYAML to read, which refuses to go on once it is too long."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._size = self._directives = 0

    def read(self, _size: int = 0, /) -> str:
        """Return the next piece, blank at the end."""
        piece = next(self._pieces, "")
        self._size += len(piece)
        if self._size > MAX_SIZE:
            raise BrokenTextError("", _("it is too long for YAML; use JSON"))
        self._directives += piece.count(_TAG_DIRECTIVE)
        if self._directives > MAX_TAG_DIRECTIVES:
            raise BrokenTextError("", _("it has too many %TAG directives"))
        return piece


def _check(event: Any) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise _refused(event, _("aliases are not allowed"))
    if event.tag is not None:
        raise _refused(event, _("the tag %(tag)s is not allowed") % {"tag": event.tag})


def _plain(text: str) -> str | int | None:
    """Return the value of a text without quotation marks."""
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _NUMBER.fullmatch(text) else text


def _refused(event: Any, reason: str) -> BrokenTextError:
    return BrokenTextError(_place_of(event.start_mark), reason)


def _broken(error: yaml.YAMLError) -> BrokenTextError:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    said = _("it is not valid YAML (%(reason)s)") % {"reason": reason}
    return BrokenTextError(_place_of(mark) if mark else "", said)


def _place_of(mark: Any) -> str:
    """Return the line and column of a mark, counted from 1 as in an editor."""
    return f"line {mark.line + 1}, column {mark.column + 1}"
