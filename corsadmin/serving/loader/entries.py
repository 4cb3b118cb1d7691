"""Pack path rules, origin entries with conditions, and emergencies. Unsound rows deny."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.timezone import make_aware

from corsadmin.engine import packing
from corsadmin.engine.emergencies import Stop, stop_of
from corsadmin.engine.entries import OriginText, check_origin
from corsadmin.engine.packing import Allowance
from corsadmin.engine.rules import RuleText
from corsadmin.serving.loader.columns import GONE
from corsadmin.serving.loader.yielder import Yielder

MAX_RULES_BLOBS: Final = 5_000  # distinct ones remembered during one load
# Moments that PostgreSQL has and JSON lacks.
_INFINITE: Final = {"Infinity": float("inf"), "-Infinity": float("-inf")}


class RulesBlobs(dict[str, str]):
    """Maps raw path rules ("1", "0" or GONE for inheritance, then a JSON array) to packed ones.

    Raises ValueError if the array is not valid JSON.
    """

    def __init__(self, yielder: Yielder) -> None:
        super().__init__()
        self._yielder = yielder

    def __missing__(self, raw: str) -> str:
        self._yielder.step()
        if len(self) >= MAX_RULES_BLOBS:
            self.clear()
        found = self[raw] = self._rules_blob(raw)
        return found

    def _rules_blob(self, raw: str) -> str:
        if raw[0] == GONE:
            return GONE
        rows = json.loads(raw[1:]) if len(raw) > 1 else ()
        return rules_blob_of_rows(rows, inherits=raw[0] == "1")


def rules_blob_of_rows(rows: Iterable[Sequence[object]], *, inherits: bool) -> str:
    """Return the packed path rules of a tenant."""
    rules = packing.join_rules(_rule(*row) for row in rows)
    return packing.pack_rules_blob(rules, inherits=inherits)


def _rule(path: object, *rest: object) -> str:
    *lists, exclusive, any_origin, credentials, max_age, refuse_unlisted = rest
    try:
        methods, request_headers, exposed_headers = map(_names, lists)
    except (ValueError, RecursionError):  # lists within lists within lists
        return packing.pack_unreadable_rule(str(path))
    if {*map(type, (exclusive, any_origin, credentials, refuse_unlisted))} - {bool, int}:
        return packing.pack_unreadable_rule(str(path))
    if max_age is not None and type(max_age) is not int:
        return packing.pack_unreadable_rule(str(path))
    return packing.pack_rule(
        RuleText(
            path=str(path),
            methods=methods,
            request_headers=request_headers,
            exposed_headers=exposed_headers,
            exclusive=bool(exclusive),
            any_origin=bool(any_origin),
            credentials=bool(credentials),
            max_age=max_age,
            refuse_unlisted=bool(refuse_unlisted),
        )
    )


def _names(text: object) -> list[str]:
    names = json.loads(text) if isinstance(text, str) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = f"not a list of names: {text!r}"
        raise ValueError(message)
    return names


class Allowances:
    """Packs entries with conditions or wildcards.

    `zone` is the time zone of naive moments, None for local time.
    """

    def __init__(self, yielder: Yielder, zone: tzinfo | None) -> None:
        self._yielder = yielder
        self._zone = zone

    def of_array(self, raw: str) -> str:
        """Return the packed text of a JSON array of rows. Raises ValueError if it is not valid."""
        return self.of_rows(json.loads(raw))

    def of_rows(self, rows: Iterable[Sequence[object]]) -> str:
        """Return the packed text of one tenant's rows."""
        self._yielder.step()
        allowances = (self._allowance(*row) for row in rows)
        return packing.pack_allowances(
            allowance for allowance in allowances if allowance is not None
        )

    def _allowance(self, pattern: object, *rest: object) -> tuple[str, Allowance] | None:
        credentials, risk_accepted, scope, *window = rest
        try:
            valid_from, valid_until = (_epoch(moment, self._zone) for moment in window)
        except (ValueError, OverflowError):
            return None
        if not (isinstance(pattern, str) and isinstance(scope, str)):  # SQLite may hold bytes
            return None
        text = OriginText(
            pattern=pattern,
            credentials=bool(credentials),
            scope=scope,
            valid_from=valid_from,
            valid_until=valid_until,
            risk_accepted=bool(risk_accepted),
        )
        if check_origin(text):
            return None
        return pattern, Allowance(text.credentials, scope, valid_from, valid_until)


def stops_of_rows(rows: Iterable[Sequence[Any]], zone: tzinfo | None) -> dict[str, Stop]:
    """Return the emergencies by the slug of their tenant. An invalid end counts as no end."""
    return {slug: stop_of(level, _end(until, zone)) for slug, level, until in rows}


def _end(moment: object, zone: tzinfo | None) -> float | None:
    try:
        return _epoch(moment, zone)
    except (ValueError, OverflowError):
        return None


def _epoch(moment: object, zone: tzinfo | None) -> float | None:
    """Return a stored moment as seconds since the epoch. Raises ValueError if it is not valid."""
    if moment is None:
        return None
    if isinstance(moment, int | float):
        return float(moment)
    if moment in _INFINITE:
        return _INFINITE[str(moment)]
    parsed = moment if isinstance(moment, datetime) else parse_datetime(str(moment))
    if parsed is None:
        message = f"not a moment: {moment!r}"
        raise ValueError(message)
    if zone is not None and parsed.tzinfo is None:
        parsed = make_aware(parsed, zone)
    return parsed.timestamp()
