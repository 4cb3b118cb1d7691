"""What the pages show to be copied is sound: Python, JSON, and the install in a few lines."""

import ast
import json
import re

import pytest

from tests.test_docs import PAGES, ROOT, section


def blocks(language: str) -> list[object]:
    return [
        pytest.param(block, id=f"{file.relative_to(ROOT)} {number}")
        for file in PAGES
        for number, block in enumerate(
            re.findall(
                rf"^```{language}\n(.*?)^```",
                file.read_text(encoding="utf-8"),
                re.MULTILINE | re.DOTALL,
            ),
            1,
        )
    ]


@pytest.mark.parametrize("block", blocks("python"))
def test_python_on_the_pages_is_python(block: str) -> None:
    ast.parse(block)


@pytest.mark.parametrize("block", blocks("json"))
def test_json_on_the_pages_is_json(block: str) -> None:
    json.loads(block)


def test_the_install_takes_ten_lines() -> None:
    (block,) = re.findall(
        r"^```python\n(.*?)^```",
        section((ROOT / "README.md").read_text(encoding="utf-8"), "## Add it to a project"),
        re.MULTILINE | re.DOTALL,
    )

    assert len(block.splitlines()) <= 10
