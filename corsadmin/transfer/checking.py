"""Check one entry of a file as the admin's form would, and turn it into a row."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from corsadmin import gate
from corsadmin.engine import (
    OriginText,
    Problem,
    RuleText,
    check_host,
    check_origin,
    check_rule,
    check_slug,
)
from corsadmin.transfer.faults import Fault, fault, fault_of, shown
from corsadmin.transfer.kinds import HOST, ORIGIN, PATH, TENANT, Kind, Row
from corsadmin.transfer.values import WrongValueError, wrong_type

# What is written beside rejected rows; ignored when the file is imported again.
REMARKS: Final = "problems"


class RepeatedKeys(dict[str, Any]):
    """An object of a file in which a key stands twice."""

    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a file as it was written. `place` names it: `tenants[3].origins[0]`."""

    kind: Kind
    tenant: str
    place: str
    written: object


def check_entry(entry: Entry) -> tuple[Row, list[Fault]]:
    """Return the row an entry stands for, and every fault; with faults the row is of no use."""
    kind = entry.kind
    written = {"host": entry.written} if kind is HOST else entry.written
    if not isinstance(written, dict):
        return (), [fault(entry.place, "wrong-type", wrong_type("an object", written))]
    faults = list(_check_keys(kind, written, entry.place))
    wrong: set[str] = set()
    row = []
    for column in kind.columns:
        name = column.name
        try:
            if name in written:
                row.append(column.read(written[name]))
                continue
            if column.required:
                raise WrongValueError("key-missing", name)
        except WrongValueError as error:
            wrong.add(name)
            place = entry.place if kind is HOST else f"{entry.place}.{name}"
            faults.append(fault(place, error.code, error.value, error.suggestion))
        row.append(column.field.get_default())
    faults.extend(
        fault_of(problem, _place(entry, written, problem))
        for problem in _problems(kind, dict(zip(kind.names, row, strict=True)))
        if problem.field not in wrong
    )
    return tuple(row), faults


def _check_keys(kind: Kind, written: Mapping[str, Any], place: str) -> Iterator[Fault]:
    known: list[str] = list(kind.names)
    if kind is TENANT:
        known += [other.section for other in (HOST, ORIGIN, PATH)]
    if isinstance(written, RepeatedKeys):
        for name in written.repeated:
            yield fault(place, "duplicate-key", shown(name))
    for name in written:
        if name not in known and name != REMARKS:
            near = get_close_matches(name, known, n=1) or [""]
            yield fault(f"{place}.{shown(name)}", "key-unknown", shown(name), near[0])


def _problems(kind: Kind, row: Mapping[str, Any]) -> Iterable[Problem]:
    if kind is ORIGIN:
        return check_origin(
            OriginText(
                pattern=row["pattern"],
                credentials=row["credentials"],
                scope=row["scope"],
                valid_from=gate.epoch(row["valid_from"]),
                valid_until=gate.epoch(row["valid_until"]),
                risk_accepted=row["risk_accepted"],
            )
        )
    if kind is PATH:
        return check_rule(
            RuleText(
                path=row["path"],
                methods=row["methods"],
                request_headers=row["request_headers"],
                exposed_headers=row["exposed_headers"],
                any_origin=row["any_origin"],
                credentials=row["credentials"],
                max_age=row["max_age"],
                refuse_unlisted=row["refuse_unlisted"],
            )
        )
    problem = check_host(row["host"]) if kind is HOST else check_slug(row["slug"])
    return () if problem is None else (problem,)


def _place(entry: Entry, written: Mapping[str, Any], problem: Problem) -> str:
    if entry.kind is HOST:
        return entry.place
    place = f"{entry.place}.{problem.field}"
    values = written.get(problem.field)
    if isinstance(values, list) and problem.value in values:
        found = [number for number, value in enumerate(values) if value == problem.value]
        # Of a value that stands twice, the second is the one too many.
        return f"{place}[{found[-1]}]"
    return place
