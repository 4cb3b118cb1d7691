"""Make plain values of the events of a YAML text, and refuse what is more than plain.

Not of PyYAML's nodes: those need many times the memory, and small files could ask for much of it.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

# Imported by whoever has looked whether it is there.
import yaml
from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import BrokenTextError, make_object

MAX_VALUES: Final = 3_000_000  # texts, numbers, lists and objects, keys too
MAX_DEPTH: Final = 20
# YAML 1.2's core schema as far as JSON has it: `no` is a text, and so is a date.
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_NUMBER: Final = re.compile("-?[0-9]{1,15}")
# Written in C where it is there, and many times as fast.
_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def build(text: str) -> Any:
    """Return the one document of a text. Raises BrokenTextError and YAMLError."""
    return _Builder(yaml.parse(text, Loader=_PARSER)).document()


def place_of(mark: Any) -> str:
    """Return where a mark stands, as an editor counts."""
    return f"line {mark.line + 1}, column {mark.column + 1}"


class _Builder:
    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._count = self._depth = 0
        self._keys: dict[str, str] = {}  # each of the many texts that keys are, once

    def document(self) -> Any:
        """Return the value of the document, None when there is none."""
        found, documents = None, 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refused(event, _("it holds more than one document"))
                found = self._value(next(self._events))
        return found

    def _value(self, event: Any) -> Any:
        """Return the value that begins with an event, and take the events up to its end."""
        self._check(event)
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event.value) if event.implicit[0] else event.value
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _refused(event, _("it is nested too deeply"))
        is_list = isinstance(event, yaml.SequenceStartEvent)
        value = list(self._elements()) if is_list else make_object(list(self._pairs()))
        self._depth -= 1
        return value

    def _elements(self) -> Iterator[Any]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._value(event)

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._check(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _refused(event, _("a key must be a text"))
            yield self._keys.setdefault(event.value, event.value), self._value(next(self._events))

    def _check(self, event: Any) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            raise _refused(event, _("it holds too many values for YAML; use JSON"))
        if isinstance(event, yaml.AliasEvent):
            raise _refused(event, _("aliases are not taken"))
        if event.tag is not None:
            raise _refused(event, _("the tag %(tag)s is not taken") % {"tag": event.tag})


def _plain(text: str) -> Any:
    """Return what a text without quotation marks stands for."""
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _NUMBER.fullmatch(text) else text


def _refused(event: Any, reason: str) -> BrokenTextError:
    return BrokenTextError(place_of(event.start_mark), reason)
