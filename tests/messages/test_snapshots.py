"""What people read in each language is what the reviewed pages show."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.messages import FOLDER, LANGUAGES, page, write

BLANK: Final = re.compile("“”|„“|«»|  ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_sentence_is_reviewed(language: str) -> None:
    """After a change of texts: `make messages`, and read what it changes."""
    assert (FOLDER / f"{language}.txt").read_text(encoding="utf-8") == page(language)


def test_the_pages_of_all_languages_are_written(tmp_path: Path) -> None:
    write(tmp_path)

    assert {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()} == {
        f"{language}.txt": page(language) for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_example_fills_every_sentence(language: str) -> None:
    """A sentence whose example is blank shows empty quotes or two spaces."""
    lines = [line.strip() for line in page(language).splitlines()]

    assert [line for line in lines if BLANK.search(line)] == []
