"""The pictures of the docs are those that `make screenshots` takes, and each is shown."""

import pytest

from tests.browsers.pictures import FOLDER, PICTURES
from tests.servers import ROOT

pytestmark = pytest.mark.slow


def test_every_picture_can_be_taken_again_and_is_shown() -> None:
    files = {file.stem for file in FOLDER.glob("*.png")}
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)

    assert files == {picture.name for picture in PICTURES}
    assert [name for name in files if f"images/{name}.png)" not in text] == []
