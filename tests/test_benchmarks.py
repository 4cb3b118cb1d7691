"""The benchmarks' table: in the page, in the JSON file, and from a run of the real command."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import page
from benchmarks.rows import Row, table
from tests.servers import ROOT

COST = Row("cost", "no Origin", 1.234, "µs", 2.5)
SHARE = Row("throughput", "of no CORS", 90.04, "%", 95.0, at_least=True)
TIME = Row("throughput", "no CORS", 5_290.3, "requests/s")
QUERIES = Row("queries", "no Origin", 0, "", 0.0)
PAGE = ROOT / "docs" / "performance.md"


def test_the_table_says_what_holds() -> None:
    assert table([COST, TIME, SHARE, QUERIES]).splitlines() == [
        "| what | measured | budget | holds |",
        "|---|---:|---:|---|",
        "| **cost** | | | |",
        "| no Origin | 1.23 µs | ≤ 2.5 µs | yes |",
        "| **throughput** | | | |",
        "| no CORS | 5,290 requests/s |  |  |",
        "| of no CORS | 90 % | ≥ 95 % | **NO** |",
        "| **queries** | | | |",
        "| no Origin | 0 | ≤ 0 | yes |",
    ]


def test_the_page_keeps_all_but_its_figures(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    shutil.copy(PAGE, file)
    head, tail = (PAGE.read_text(encoding="utf-8").split(mark)[end]
                  for mark, end in ((page.BEGIN, 0), (page.END, 1)))  # fmt: skip

    for rows in ([COST], [COST, TIME, SHARE]):
        page.write_page(file, rows, page.machine())

    text = file.read_text(encoding="utf-8")
    assert text.startswith(head + page.BEGIN)
    assert text.endswith(page.END + tail)
    assert text.count("| what | measured |") == 1
    assert " 1 of 2 budgets hold." in text
    assert table([COST, TIME, SHARE]) in text


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("# Something else\n")

    with pytest.raises(ValueError, match="lacks the lines between which the table belongs"):
        page.write_page(file, [COST], page.machine())

    assert file.read_text() == "# Something else\n"


def test_figures_survive_in_the_json_file(tmp_path: Path) -> None:
    file = tmp_path / "build" / "figures.json"
    parts = {"cost": [COST], "throughput": [TIME, SHARE]}

    page.write_json(file, parts, page.machine())

    assert page.read_json(file) == parts
    assert json.loads(file.read_text())["parts"]["throughput"][1]["holds"] is False


@pytest.mark.parametrize("text", [None, "", "{}"], ids=["no file", "no JSON", "another form"])
def test_without_an_earlier_run_there_are_no_figures(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "figures.json"
    if text is not None:
        file.write_text(text)

    assert page.read_json(file) == {}


@pytest.mark.slow
def test_one_command_writes_the_page(tmp_path: Path) -> None:
    file, figures = tmp_path / "performance.md", tmp_path / "figures.json"
    shutil.copy(PAGE, file)
    page.write_json(figures, {"cost": [COST], "hostile": [TIME]}, page.machine())

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--only", "hostile",
         "--json", str(figures), "--write", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode in {0, 1}, done.stderr  # 1: a budget did not hold on a busy machine
    kept, fresh = page.read_json(figures).values()
    assert kept == [COST]
    assert TIME not in fresh
    assert done.stdout == f"{table(fresh)}\n"
    assert table([COST, *fresh]) in file.read_text(encoding="utf-8")
