"""No case of the list is forgotten: each has a test that names it, or a reason to have none."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("case_ids.txt")
CASE_ID = re.compile(r"(?<![a-z0-9])[vpr]\d\d(?![0-9])", re.IGNORECASE)


def listed() -> dict[str, str]:
    """Return what the list says of each case."""
    lines = LIST.read_text("utf-8").splitlines()
    entries = [line.split(" ", 1) for line in lines if not line.startswith("#")]

    assert len({case_id for case_id, _ in entries}) == len(entries)
    return dict(entries)


@pytest.mark.slow
def test_each_case_has_a_test_or_a_reason() -> None:
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:randomly", "tests"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    named = {found.upper() for found in CASE_ID.findall(collected.stdout)}
    files = {line.split("::")[0] for line in collected.stdout.splitlines()}
    cases = listed()

    assert named - cases.keys() == set()
    assert {case_id for case_id, said in cases.items() if said == "test"} - named == set()
    assert {said[3:] for said in cases.values() if said.startswith("in ")} - files == set()
    assert all(said == "test" or len(said) > 20 for said in cases.values())
