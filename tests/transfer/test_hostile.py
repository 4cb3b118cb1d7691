"""Files that were made to cost far more than they weigh: what is counted of each is bounded."""

import io
import re
import zipfile
from collections import deque
from dataclasses import replace
from typing import Any

import pytest
from openpyxl.reader.excel import ExcelReader

from corsadmin.engine.rules import MAX_LIST_LENGTH
from corsadmin.transfer.formats import bounds, markup, workbook_limits
from corsadmin.transfer.formats.document_source import BrokenTextError, make_object
from corsadmin.transfer.formats.registry import FORMATS
from corsadmin.transfer.records.check import MAX_REPORTED_KEYS, RepeatedKeys
from tests.messages.screens import pattern
from tests.transfer.files import acme, document, faults_of
from tests.transfer.hostile_texts import YAML
from tests.transfer.hostile_workbooks import XLSX
from tests.transfer.workbooks import SHEET, repacked, row, sheet

pytestmark = pytest.mark.django_db


class Counted(io.BytesIO):
    """A file that counts the bytes that were read of it."""

    count = 0

    def read(self, size=-1):
        found = super().read(size)
        self.count += len(found)
        return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in XLSX if name.startswith("one long ") and "UTF" not in name]
)
@pytest.mark.parametrize("door", [bounds.PAGE, bounds.COMMAND], ids=["page", "command"])
def test_s1_no_parser_sees_a_long_token(name, door, monkeypatch):
    monkeypatch.setattr(ExcelReader, "__init__", None)

    assert faults_of(XLSX[name](), format="xlsx", bounds=door) == [("", "unreadable")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_s1_a_part_that_is_not_utf_8_is_refused(encoding):
    content = repacked(SHEET, '<?xml version="1.0"?><worksheet/>'.encode(encoding))

    assert faults_of(content, format="xlsx") == [("", "unreadable")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(b"\x89PNG" + b"x" * 400_000, id="a picture"),
        pytest.param(b"<a>" + b"<b/>" * 200_000 + b"</a>", id="many short tags"),
        pytest.param(b"<a>" + b"<!-- b --><?c d?>" * 60_000 + b"</a>", id="many comments"),
        pytest.param(b"<a><!-- " + b"<b>" * 60_000 + b" --></a>", id="a comment of tags"),
        pytest.param(b" " * 80_000 + b"<a/>", id="spaces before the first tag"),
        pytest.param(b"<a><![CDATA[<]]></a>", id="a text of its own"),
    ],
)
def test_what_spreadsheets_may_hold_is_measured_and_taken(part):
    found = workbook_limits.measure_workbook(repacked("xl/theme/theme1.xml", part), bounds.COMMAND)

    assert found["xl/theme/theme1.xml"] == len(re.findall(rb"<(?!b> |b><)", _outside(part)))


def _outside(part):
    """Return an XML part with the content of comments and texts taken away."""
    if not part.lstrip().startswith(b"<"):
        return b""
    return re.sub(rb"(<!--|<!\[CDATA\[).*?(-->|\]\]>)", rb"<\2", part)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_markup_is_measured_alike_however_it_is_cut(size):
    part = b"<a b='c'><!-- <x> --><?p < ?><![CDATA[<y>]]><d/>text</a>"
    found = markup.Markup()

    for start in range(0, len(part), size):
        found.take(part[start : start + size])

    assert (found.tags, found.attributes) == (6, 1)


@pytest.mark.parametrize("opening", [b"<a", b"<!--", b"<![CDATA[", b"<?a", b"<a>&", b"<a>"])
@pytest.mark.parametrize("size", [1_000, 400_000])
def test_the_longest_stretch_is_bounded_however_it_is_cut(opening, size):
    part = opening + b"x" * (markup.MAX_STRETCH + 10)
    found = markup.Markup()
    cuts = (part[start : start + size] for start in range(0, len(part), size))

    with pytest.raises(BrokenTextError, match=pattern("transfer-too-long-a-tag")):
        deque(map(found.take, cuts))


@pytest.mark.parametrize(
    ("limit", "content"),
    [
        pytest.param("unpacked", repacked(SHEET, b"0" * 100_000), id="bytes"),
        pytest.param("tags", sheet("<row/>" * 1_000), id="tags"),
        pytest.param("attributes", sheet('<row r="2" s="3"/>' * 1_000), id="attributes"),
        pytest.param("frame_tags", XLSX["many cell formats"](), id="styles"),
        pytest.param("frame_tags", XLSX["many sheets"](), id="sheets"),
        pytest.param("frame_tags", XLSX["many relationships"](), id="links"),
        pytest.param("frame_tags", XLSX["many content types"](), id="types of parts"),
    ],
)
def test_s1_what_a_workbook_unpacks_to_is_bounded(limit, content):
    few = replace(bounds.PAGE, **{limit: 900})

    assert faults_of(content, format="xlsx", bounds=few) == [("", "unreadable")]


@pytest.mark.slow
def test_a_part_that_is_many_sheets_is_read_for_one_of_them(monkeypatch):
    opened = []
    system = zipfile.ZipFile.open

    def count(archive, name, *arguments, **options):
        opened.append(name)
        return system(archive, name, *arguments, **options)

    monkeypatch.setattr(zipfile.ZipFile, "open", count)
    faults_of(XLSX["many sheets of one large part"](), format="xlsx")

    assert opened.count(SHEET) == 2  # to look for merged cells, and for the rows


def test_a_shared_formula_is_not_worked_out_for_each_cell():
    formula = '<c r="{}"><f t="shared" si="0">{}</f></c>'
    rows = [f'<row r="{n}">{formula.format(f"A{n}", "B1" if n == 2 else "")}</row>' for n in (2, 3)]

    found = [place for place, code in faults_of(sheet(*rows), format="xlsx") if "formula" in code]

    assert found == ["row 2, cell A2", "row 3, cell A3"]


@pytest.mark.parametrize("name", ["one value after the other", "one pair after the other"])
def test_s1_the_events_of_yaml_are_bounded_while_they_are_read(name):
    file = Counted(str(YAML[name]()).encode())

    with pytest.raises(BrokenTextError, match=pattern("transfer-too-many-values")):
        list(FORMATS["yaml"].read(file, None, replace(bounds.PAGE, events=10_000), None))

    assert file.count < 200_000


def test_very_many_tag_directives_are_refused_before_they_are_compared():
    text = YAML["many tag directives"]()

    assert faults_of(text, format="yaml") == [("", "unreadable")]


class Key(str):
    """A key that counts how often it is compared."""

    __slots__ = ()
    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Key.compared += 1
        return str.__eq__(self, other)


def test_repeated_keys_are_found_without_comparing_each_with_each():
    pairs: list[tuple[str, Any]] = [(Key(number), 0) for number in (*range(5_000), 7)]

    found = make_object(pairs)

    assert isinstance(found, RepeatedKeys)
    assert found.repeated == ("7",)
    assert Key.compared < 10 * len(pairs)


@pytest.mark.parametrize(
    ("rows", "most"),
    [
        pytest.param(
            [acme(paths=[{"path": "/", "methods": ["m m"] * 1_000}])],
            2 * MAX_LIST_LENGTH + 1,
            id="wrong values of a list",
        ),
        pytest.param([acme(**{f"k{n}": 0 for n in range(1_000)})], MAX_REPORTED_KEYS, id="keys"),
        pytest.param([{}] * 2_000, bounds.PAGE.problems + 1, id="rows"),
        pytest.param([acme()] * 2_000, bounds.PAGE.problems + 1, id="rows that stand twice"),
    ],
)
def test_the_problems_that_are_told_are_bounded(rows, most):
    assert len(faults_of(document(*rows), bounds=bounds.PAGE)) <= most


def test_the_heading_of_a_workbook_may_stand_elsewhere():
    content = repacked(
        SHEET,
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + row(3, A="tenant", B="pattern").encode()
        + b"</sheetData></worksheet>",
    )

    assert faults_of(content, format="xlsx") == []
