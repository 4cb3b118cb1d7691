"""No case is forgotten: each has a test that names it, or a reason to have none."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import CASE_ID, cases_of, described

ROOT = Path(__file__).resolve().parents[2]


def written(file: Path) -> Iterator[str]:
    """Yield what the names of a module's tests are made of: names of functions, and texts.

    To collect all tests, which would say their names, takes half a minute.
    """
    source = file.read_text("utf-8")
    if CASE_ID.search(source) is None:
        return
    nodes = [*ast.walk(ast.parse(source))]
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name):
                yield name
            case ast.Constant(value=str(text)) if node not in docstrings:
                yield text


def test_each_case_has_a_test_or_a_reason() -> None:
    tests = {str(file.relative_to(ROOT)): file for file in (ROOT / "tests").rglob("*.py")}
    texts = [
        text
        for name, file in tests.items()
        if "test_case_ids" not in name
        for text in written(file)
    ]
    named = {found.upper() for text in texts for found in CASE_ID.findall(text)}
    files = {name for name, file in tests.items() if file.name.startswith("test_")}
    tested = {case_id: case.tested for case_id, case in described().items()}

    assert named - tested.keys() == set()
    assert {case_id for case_id, said in tested.items() if said == "test"} - named == set()
    assert {said[3:] for said in tested.values() if said.startswith("in ")} - files == set()
    assert all(said == "test" or len(said) > 20 for said in tested.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("test_r01_v02_both", ["R01", "V02"], id="in the name of the function"),
        pytest.param("test_x[V07 any origin]", ["V07"], id="in the id of a row"),
        pytest.param("test_v1000", [], id="another number"),
        pytest.param("test_an_origin", [], id="no case"),
    ],
)
def test_a_failing_test_prints_its_cases(name: str, expected: list[str]) -> None:
    lines = cases_of(name)

    assert [line.split(":")[0] for line in lines] == expected
    assert all(len(line) > 20 for line in lines)


@pytest.mark.slow
def test_a_report_holds_the_cases_of_a_test_that_fails(tmp_path: Path) -> None:
    file = tmp_path / "test_one.py"
    file.write_text("def test_v02_fails():\n    assert False\n", "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.cases", "-p", "no:django", f"--rootdir={tmp_path}", "-c", "/dev/null", file],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 1
    assert f"V02: {described()['V02'].description}" in done.stdout
