"""Walk the interchange document (JSON or YAML): check its frame, and yield its entries."""

import sys
from collections.abc import Container, Iterable, Iterator
from typing import Final

from django.utils.translation import gettext as _

from corsadmin.transfer.formats.document_source import DocumentValue, LoadedSource, Source
from corsadmin.transfer.records.check import REMARKS, Record, RepeatedKeys
from corsadmin.transfer.records.coerce import wrong_type
from corsadmin.transfer.records.diagnostics import Fault, fault, file_value
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH, TENANT, Kind

VERSION: Final = 1
_LISTS: Final = {kind.section: kind for kind in (HOST, ORIGIN, PATH)}


def walk(source: Source, only: Container[str] | None = None) -> Iterator[Record | Fault]:
    """Yield every entry of a document, and every fault of its frame.

    `only` are the slugs of the tenants to yield; others are skipped. Raises BrokenTextError.
    """
    if not source.is_object():
        yield fault(
            "", "wrong-type", wrong_type(_("an object with the key “tenants”"), source.value())
        )
        return
    seen: list[str] = []
    for name in source.keys():  # noqa: SIM118 (not a dict: it reads on)
        seen.append(name)
        if name == "tenants":
            yield from _walk_tenants(source, only)
        elif name != "version":
            source.value()
            yield fault(file_value(name), "key-unknown", file_value(name))
        elif not _is_known(version := source.value()):
            # The rest of another version cannot be judged.
            yield fault("version", "version-unknown", file_value(version))
            return
    source.end()
    yield from _check_frame(seen)


def _check_frame(seen: list[str]) -> Iterator[Fault]:
    for name in ("version", "tenants"):
        if seen.count(name) == 0:
            yield fault("", "key-missing", name)
        elif seen.count(name) > 1:
            yield fault("", "duplicate-key", name)


def _is_known(version: object) -> bool:
    return type(version) is int and version == VERSION


def _walk_tenants(source: Source, only: Container[str] | None) -> Iterator[Record | Fault]:
    if not source.is_array():
        yield fault("tenants", "wrong-type", wrong_type(_("a list"), source.value()))
        return
    for index in source.elements():
        place = f"tenants[{index}]"
        whole = source.at_hand()
        if whole is not None:
            yield from _entries(whole, place, only)
        elif source.is_object():
            yield from _Tenant(source, place, only).walk()
        else:
            yield fault(place, "wrong-type", wrong_type(_("an object"), source.value()))


def _entries(
    tenant: dict[str, DocumentValue], place: str, only: Container[str] | None
) -> Iterator[Record | Fault]:
    """Yield the entries of a tenant in memory. Faster than `_Tenant`, for the many small ones."""
    slug = tenant.get("slug")
    begins = next(iter(tenant), "") == "slug"
    listed = all(isinstance(tenant.get(name, []), list) for name in _LISTS)
    if not (begins and listed and isinstance(slug, str) and slug.isprintable()):
        yield from _Tenant(LoadedSource(tenant), place, only).walk()
        return
    if only is not None and slug not in only:
        return
    own: dict[str, DocumentValue] = {}
    for name, value in tenant.items():
        kind = _LISTS.get(name)
        if kind is None:
            own[name] = value
            continue
        for index, written in enumerate(value):
            yield Record(kind, slug, f"{place}.{name}[{index}]", written)
    own.pop(REMARKS, None)
    yield Record(TENANT, slug, place, own, lists=frozenset(_LISTS.keys() & tenant.keys()))


def _with_shared_keys(row: object) -> object:
    """Return a row whose keys share their memory with those of other rows."""
    if type(row) is not dict:
        return row
    return {sys.intern(name): value for name, value in row.items()}


class _Tenant:
    """One tenant of a document. If its slug comes first, it yields its rows as it reads them."""

    def __init__(self, source: Source, place: str, only: Container[str] | None) -> None:
        self._source = source
        self._place = place
        self._only = only
        self._own: dict[str, object] = {}
        self._repeated: list[str] = []
        self._waiting: list[tuple[Kind, list[object]]] = []
        self._seen: set[str] = set()

    def walk(self) -> Iterator[Record | Fault]:
        for name in self._source.keys():  # noqa: SIM118 (not a dict: it reads on)
            if name in self._seen:
                self._repeated.append(name)
            self._seen.add(name)
            if name in _LISTS:
                yield from self._list_or_wait(_LISTS[name])
            else:
                self._own[name] = self._source.value()
        if self._wanted():
            yield from self._rest()

    def _list_or_wait(self, kind: Kind) -> Iterator[Record | Fault]:
        rows = self._rows(kind)
        if "slug" not in self._seen:
            # Keep the rows as written: as records, a million rows would take twice the memory.
            self._waiting.append((kind, [_with_shared_keys(row) for row in rows]))
            return
        for found in self._entries(kind, rows):
            if self._wanted():
                yield found

    def _rest(self) -> Iterator[Record | Fault]:
        for kind, rows in self._waiting:
            yield from self._entries(kind, rows)
        own = self._own
        if self._repeated:
            own = RepeatedKeys(own)
            own.repeated = tuple(self._repeated)
        own.pop(REMARKS, None)
        lists = frozenset(_LISTS.keys() & self._seen)
        yield Record(TENANT, self._slug(), self._place, own, lists=lists)

    def _rows(self, kind: Kind) -> Iterator[DocumentValue]:
        """Yield the items of a list, or a fault for a value that is not a list."""
        if not self._source.is_array():
            sentence = wrong_type(_("a list"), self._source.value())
            yield fault(self._place_of(kind), "wrong-type", sentence)
            return
        for _index in self._source.elements():
            yield self._source.value()

    def _entries(self, kind: Kind, rows: Iterable[object]) -> Iterator[Record | Fault]:
        place, slug = self._place_of(kind), self._slug()
        for index, written in enumerate(rows):
            if isinstance(written, Fault):
                yield written
            else:
                yield Record(kind, slug, f"{place}[{index}]", written)

    def _place_of(self, kind: Kind) -> str:
        return f"{self._place}.{kind.section}"

    def _slug(self) -> str:
        slug = self._own.get("slug")
        if not isinstance(slug, str):
            return ""
        return slug if slug.isprintable() else file_value(slug)

    def _wanted(self) -> bool:
        return self._only is None or self._slug() in self._only
