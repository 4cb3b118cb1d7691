"""The security, protocol and reliability cases that tests name, as tests/cases.md describes them."""

import re
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PAGE = Path(__file__).with_name("cases.md")
CASE_ID = re.compile(r"(?<![a-z0-9])[vpr]\d\d(?![0-9])", re.IGNORECASE)
_ROW = re.compile(r"^\| ([VPR]\d\d) \| (.+?) \| (.+?) \|$", re.MULTILINE)


class Case(NamedTuple):
    """What must hold, and where it is tested: "test", "in FILE", or why it needs no test."""

    description: str
    tested: str


@cache
def described() -> dict[str, Case]:
    """Return every case by its id, for example `V01`."""
    rows = _ROW.findall(PAGE.read_text("utf-8"))
    cases = {case_id: Case(description, tested) for case_id, description, tested in rows}
    assert len(cases) == len(rows), "an id stands twice"
    return cases


def cases_of(name: str) -> list[str]:
    """Return a line for each case that a test's name mentions."""
    ids = sorted({found.upper() for found in CASE_ID.findall(name)} & described().keys())
    return [f"{case_id}: {described()[case_id].description}" for case_id in ids]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print with a failing test what the cases in its name are about."""
    report = yield
    if report.failed and (cases := cases_of(item.name)):  # pragma: no cover (a test fails)
        report.sections.append(("cases (tests/cases.md)", "\n".join(cases)))
    return report
