"""The phrases that the style guide bans appear nowhere else."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
GUIDE = ROOT / "docs" / "style.md"
WRITTEN = (
    *("*.md", "docs/**/*.md", "corsadmin/**/*.py", "corsadmin/templates/**/*.html"),
    *("project/**/*.py", "project/**/*.html"),
)


def banned() -> re.Pattern[str]:
    """Return one pattern for every turn that the guide lists."""
    (block,) = re.findall(
        r"^```regex\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return re.compile("|".join(block.splitlines()), re.IGNORECASE)


def found() -> dict[str, list[str]]:
    """Return the files with banned turns, each with its turns."""
    pattern = banned()
    files = {file for glob in WRITTEN for file in ROOT.glob(glob)} - {GUIDE}
    places: dict[str, list[str]] = {}
    for file in sorted(files):
        # A turn may be broken over two lines, in a comment too.
        text = re.sub(r"\s+(?:# )?", " ", file.read_text("utf-8"))
        turns = [text[match.start() :][:60] for match in pattern.finditer(text)]
        places[str(file.relative_to(ROOT))] = turns
    return {file: turns for file, turns in places.items() if turns}


def test_no_banned_turn_is_written() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("text", "is_banned"),
    [
        pytest.param("The text is no host name.", True, id="is no X"),
        pytest.param("There is no host.", False, id="there is no X"),
        pytest.param("It is no longer valid.", False, id="is no longer"),
        pytest.param("Whoever may change it", True, id="at the start of a sentence"),
        pytest.param("a ticket, say, or a mail", True, id="say as an aside"),
        pytest.param("The docs say that", False, id="say as a verb"),
        pytest.param("You are told why", True, id="are told"),
    ],
)
def test_what_counts_as_a_banned_turn(text: str, is_banned: bool) -> None:
    assert bool(banned().search(text)) is is_banned
