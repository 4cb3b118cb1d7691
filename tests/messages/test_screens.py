"""Each text that tests recognize by a code is one of the app, and the code is used."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.http import HttpResponse

import corsadmin
from tests.messages import screens
from tests.messages.screens import areas, filled, forms, pattern, says, times

APP: Final = Path(corsadmin.__file__).parent
TESTS: Final = Path(__file__).parents[1]
MESSAGE: Final = re.compile(r'^msgid (".*"(?:\n".*")*)$', re.MULTILINE)
CODES: Final = [code for area in areas().values() for code, _ in area]


def blank(text: str) -> str:
    """Return a text without line breaks whose placeholders have no names."""
    return " ".join(re.sub(r"%(?:\(\w+\))?[.\d]*[dfgrs]", "%()s", text).split())


def catalogue_texts() -> Iterator[str]:
    """Yield each text that can be translated."""
    for found in MESSAGE.findall(screens.CATALOGUE.read_text("utf-8")):
        yield "".join(map(ast.literal_eval, found.splitlines()))
    for (many,) in screens.plurals().values():
        yield many


def texts_of_the_app() -> Iterator[str]:
    """Yield each text of the catalogue, and each string in the code of the app."""
    yield from map(blank, catalogue_texts())
    for file in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield blank(node.value)
            elif isinstance(node, ast.JoinedStr):
                yield blank("".join(map(piece, node.values)))


def piece(part: ast.expr) -> str:
    """Return a part of an f-string; a value is a placeholder."""
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "%()s"


def test_every_text_is_one_of_the_app() -> None:
    known = set(texts_of_the_app())

    assert [code for code in CODES if blank(forms(code)[0]) not in known] == []


def test_codes_name_their_area_and_are_sorted_and_unique() -> None:
    for area, lines in areas().items():
        codes = [code for code, _ in lines]
        assert codes == sorted(codes)
        assert [code for code in codes if not code.startswith(f"{area}-")] == []
    assert len(set(CODES)) == len(CODES)


def test_every_text_has_one_code() -> None:
    assert len({forms(code) for code in CODES}) == len(CODES)


def test_every_code_is_used() -> None:
    used = "".join(file.read_text("utf-8") for file in TESTS.rglob("*.py"))

    assert [code for code in CODES if f'"{code}"' not in used] == []


def wordings(file: Path) -> Iterator[str]:
    """Yield each line in a string of a test file, without docstrings and punctuation at its ends."""
    tree = ast.parse(file.read_text("utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield from (trimmed(line) for line in node.value.splitlines())


def trimmed(line: str) -> str:
    return " ".join(line.split()).strip(" .,:;“”()")


def test_no_other_test_holds_the_wording_of_a_text() -> None:
    """Five words in a row that a person reads, from the catalogue, belong in a file of screens."""
    texts = [blank(text) for text in catalogue_texts()]
    parts = {trimmed(part) for text in texts for part in text.split("%()s")}
    long = sorted(part for part in parts if part.count(" ") >= 4)
    known = "\n".join(long)
    files = [file for file in TESTS.rglob("*.py") if "messages" not in file.parts]

    assert [
        (str(file.relative_to(TESTS)), line)
        for file in files
        for line in wordings(file)
        if line.count(" ") >= 4 and (line in known or any(part in line for part in long))
    ] == []


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give five texts codes."""
    found = {
        "x-on": "The rule of %(slug)s is on.",
        "x-rows": "%(count)d row was changed.",
        "x-of": "Rules of %(slug)s",
        "x-share": "%(share).0f %% of all",
        "x-bold": "<strong>Never</strong> “%(share)s %%”",
    }
    monkeypatch.setattr(screens, "texts", lambda: found)
    many = {"%(count)d row was changed.": ("%(count)d rows were changed.",)}
    monkeypatch.setattr(screens, "plurals", lambda: many)


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    ("shown", "code", "values", "expected"),
    [
        pytest.param("The rule of acme is on.", "x-on", {}, True, id="any value"),
        pytest.param("The rule of acme is on.", "x-on", {"slug": "acme"}, True, id="this value"),
        pytest.param("The rule of acme is on.", "x-on", {"slug": "a"}, False, id="another value"),
        pytest.param("The rule of a.c is on.", "x-on", {"slug": "abc"}, False, id="no pattern"),
        pytest.param("The rule of\n  a is on.", "x-on", {}, True, id="a broken line"),
        pytest.param("The rule of a\nb is on.", "x-on", {}, False, id="a value over two lines"),
        pytest.param("<p>The rule of <b>a</b> is on.</p>", "x-on", {}, True, id="a tag inside"),
        pytest.param("<p>The rule of</p> <p>is on.</p>", "x-on", {}, False, id="two blocks"),
        pytest.param('<i title="The rule of a is on."></i>', "x-on", {}, True, id="an attribute"),
        pytest.param("1 row was changed.", "x-rows", {"count": 1}, True, id="the singular"),
        pytest.param("2 rows were changed.", "x-rows", {"count": 2}, True, id="the plural"),
        pytest.param("12 rows were changed.", "x-rows", {"count": 2}, False, id="the end of 12"),
        pytest.param("1,002 rows were changed.", "x-rows", {"count": 2}, False, id="of 1,002"),
        pytest.param("Rules of acme.", "x-of", {"slug": "acme"}, True, id="the end of a text"),
        pytest.param(
            "Rules of acme-2", "x-of", {"slug": "acme"}, False, id="the beginning of acme-2"
        ),
        pytest.param("7 % of all", "x-share", {"share": 7}, True, id="a rounded number"),
        pytest.param("Never “20 %”", "x-bold", {"share": 2}, False, id="the beginning of 20"),
        pytest.param("<p>Never “5 %”</p>", "x-bold", {"share": 5}, True, id="tags in the text"),
    ],
)
def test_a_text_is_recognized(
    shown: str, code: str, values: dict[str, object], *, expected: bool
) -> None:
    assert says(shown, code, **values) is expected


@pytest.mark.usefixtures("example")
def test_responses_and_messages_are_read() -> None:
    page = HttpResponse("<p>The rule of a&lt;b is on.</p><p>The rule of c is on.</p>")

    assert times(page, "x-on") == 2
    assert says(page, "x-on", slug="a<b")
    assert times(["The rule of a is on.", "2 rows were changed."], "x-rows", count=2) == 1


@pytest.mark.usefixtures("example")
def test_what_is_raised_is_matched() -> None:
    with pytest.raises(ValueError, match=pattern("x-on", slug="a.c")):
        raise ValueError("The rule of a.c is on.")


@pytest.mark.usefixtures("example")
def test_a_text_is_filled_in() -> None:
    assert filled("x-rows", count=1) == "1 row was changed."
    assert filled("x-rows", count=2) == "2 rows were changed."
    assert filled("x-on", slug="acme") == "The rule of acme is on."


@pytest.mark.usefixtures("example")
def test_a_value_that_the_text_does_not_hold_is_refused() -> None:
    with pytest.raises(AssertionError, match="slug"):
        says("The rule of acme is on.", "x-on", tenant="acme")
