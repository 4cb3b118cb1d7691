"""Check one entry of a file as the admin's form would, and turn it into a row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from corsadmin.engine.entries import check_origin
from corsadmin.engine.hosts import check_host, check_slug
from corsadmin.engine.problems import Problem
from corsadmin.engine.rules import MAX_LIST_LENGTH, check_rule
from corsadmin.models.policy_rows import OriginRow, RuleRow, origin_text, rule_text
from corsadmin.transfer.records.coerce import WrongValueError, wrong_type
from corsadmin.transfer.records.diagnostics import Fault, fault, fault_of, file_value
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH, TENANT, Kind, Row

# The key of the problems in a file of rejected rows; imports ignore it.
REMARKS: Final = "problems"
MAX_REPORTED_KEYS: Final = 100  # of one entry, because finding a similar key for each takes time


class RepeatedKeys(dict[str, object]):
    """An object of a file in which some keys are written more than once."""

    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a file as written. `tenant` is a slug; `place` is like `tenants[3].origins[0]`."""

    kind: Kind
    tenant: str
    place: str
    written: Any
    joint: str = "."  # between the place and a field's name
    faults: tuple[Fault, ...] = ()  # found while reading
    lists: frozenset[str] = frozenset()  # the sections that a tenant was written with

    def at(self, field: str) -> str:
        """Return the place of one of the entry's fields."""
        return self.place if self.kind is HOST else f"{self.place}{self.joint}{field}"


class Checked(NamedTuple):
    """The row that an entry means. If there are faults, do not use the row.

    `row` has the default for each key that the file leaves out, and `missing` has the bits of these
    keys. A row `in_doubt` is not valid with the defaults, but may be with the stored values.
    """

    row: Row
    faults: Sequence[Fault] = ()
    missing: int = 0
    in_doubt: bool = False


def check_entry(entry: Record, *, whole: bool = False) -> Checked:
    """Return the row that an entry means, and every certain fault.

    With `whole`, a missing key means its default, so the row is never in doubt.
    """
    row = None if entry.faults else _plain_row(entry.kind, entry.written)
    if row is None:
        return examine(entry, whole=whole)
    missing = 0 if whole else _missing(entry, entry.written)
    problems, in_doubt = _judge(entry.kind, row, missing)
    faults = _faults_of(problems, entry) if problems else ()
    return Checked(row, faults, missing, in_doubt)


def check_row(entry: Record, row: Row) -> list[Fault]:
    """Return every fault of a row, which is the stored row with the changes of an entry."""
    return _faults_of(_PROBLEMS[entry.kind](row), entry)


def _missing(entry: Record, written: Iterable[str]) -> int:
    """Return the bits of the keys that an entry leaves out; `written` are those it has."""
    if entry.kind is HOST:
        return 0
    return entry.kind.missing((*written, *entry.lists) if entry.lists else written)


def _judge(kind: Kind, row: Row, missing: int) -> tuple[Sequence[Problem], bool]:
    """Return the certain problems of a row, and whether its only problems depend on missing keys."""
    problems = _PROBLEMS[kind](row)
    if not (problems and missing):
        return problems, False
    certain = _PROBLEMS[kind](kind.without_conflicts(row, missing))
    return certain, not certain


def _plain_row(kind: Kind, written: Any) -> Row | None:
    """Return the row of an entry with correct keys and types, as nearly all are; otherwise None.

    The fast path of `examine`, for files with a million entries.
    """
    if kind is HOST:
        written = {"host": written}
    # Not isinstance: an object with repeated keys has a fault.
    if type(written) is not dict:
        return None
    row = list(kind.defaults)
    readers = kind.readers
    try:
        for name, value in written.items():
            place, read = readers[name]
            row[place] = read(value)
    except (KeyError, WrongValueError):
        return None
    return tuple(row) if kind.required <= written.keys() else None


def examine(entry: Record, *, whole: bool = False) -> Checked:
    """Return the same as `check_entry`, more slowly, with every fault at its place."""
    kind = entry.kind
    written = {"host": entry.written} if kind is HOST else entry.written
    if not isinstance(written, dict):
        expected = wrong_type(_("an object"), written)
        return Checked((), [*entry.faults, fault(entry.place, "wrong-type", expected)])
    faults = [*entry.faults, *_check_keys(entry, written)]
    wrong = {found.at[0] for found in entry.faults}
    row = []
    for column in kind.columns:
        name = column.name
        try:
            if name in written and name not in wrong:
                row.append(column.read(written[name]))
                continue
            if column.required and name not in wrong:
                raise WrongValueError("key-missing", name)
        except WrongValueError as error:
            wrong.add(name)
            place, at = entry.at(name), (name, None)
            faults.append(fault(place, error.code, error.value, error.suggestion, at))
        row.append(column.default())
    # Only known keys, because the bits are cached: made-up keys must not fill the cache.
    missing = 0 if whole else _missing(entry, [name for name in written if name in kind.bits])
    found, in_doubt = _judge(kind, tuple(row), missing)
    problems = [problem for problem in found if problem.field not in wrong]
    return Checked(tuple(row), [*faults, *_faults_of(problems, entry)], missing, in_doubt)


def _faults_of(problems: Iterable[Problem], entry: Record) -> list[Fault]:
    """Return the engine's problems as faults at their places."""
    faults = []
    for problem in problems:
        place, index = _place(entry, problem)
        faults.append(fault_of(problem, place, (problem.field, index)))
    return faults


def _check_keys(entry: Record, written: Mapping[str, Any]) -> Iterator[Fault]:
    known = list(entry.kind.names)
    if entry.kind is TENANT:
        known += [other.section for other in (HOST, ORIGIN, PATH)]
    if isinstance(written, RepeatedKeys):
        for name in written.repeated[:MAX_REPORTED_KEYS]:
            yield fault(entry.place, "duplicate-key", file_value(name))
    # Suggest only keys that the entry lacks.
    lacking = [name for name in known if name not in written]
    unknown = (name for name in written if name not in known and name != REMARKS)
    for name in islice(unknown, MAX_REPORTED_KEYS):
        near = next(iter(get_close_matches(name, lacking, n=1)), "")
        # The rows of a list are entries of their own, so correcting this key would not import them.
        at = (name if near in entry.kind.names else "", None)
        yield fault(entry.at(file_value(name)), "key-unknown", file_value(name), near, at)


def _tenant_problems(row: Row) -> Sequence[Problem]:
    problem = check_slug(row[_TENANT_SLUG])
    return () if problem is None else (problem,)


def _host_problems(row: Row) -> Sequence[Problem]:
    problem = check_host(row[0])
    return () if problem is None else (problem,)


def _path_problems(row: Row) -> Sequence[Problem]:
    return check_rule(rule_text(RuleRow._make(row)))


def _origin_problems(row: Row) -> Sequence[Problem]:
    return check_origin(origin_text(OriginRow._make(row)))


_TENANT_SLUG: Final = TENANT.names.index("slug")
_PROBLEMS: Final[dict[Kind, Callable[[Row], Sequence[Problem]]]] = {
    TENANT: _tenant_problems,
    HOST: _host_problems,
    PATH: _path_problems,
    ORIGIN: _origin_problems,
}


def _place(entry: Record, problem: Problem) -> tuple[str, int | None]:
    """Return the place of a problem, and its index if it is within a list."""
    place = entry.at(problem.field)
    values = None if entry.kind is HOST else entry.written.get(problem.field)
    # The engine has not checked values beyond the longest list.
    values = values[:MAX_LIST_LENGTH] if isinstance(values, list) else []
    if problem.value in values:
        found = [number for number, value in enumerate(values) if value == problem.value]
        # If a value is repeated, the last one is superfluous.
        return f"{place}[{found[-1]}]", found[-1]
    return place, None
