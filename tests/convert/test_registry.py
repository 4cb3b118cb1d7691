"""The registry: what it lists, and that nothing below it names any of these programs."""

import re
from pathlib import Path

import pytest

from corsadmin import transfer
from corsadmin.convert.registry import SOURCES, TARGETS

PROGRAMS = sorted({*SOURCES, *TARGETS})
TRANSFER = Path(transfer.__file__).parent
SCHEMES = re.compile(r"^_NOT_OF_PAGES: .*?^\}\)", re.MULTILINE | re.DOTALL)


def test_the_command_lines_offer_these():
    assert SOURCES == ("django-cors-headers", "flask-cors", "s3", "kong", "nginx")
    assert list(TARGETS) == ["s3", "nginx", "envoy"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_transfer_names_no_other_program(program):
    named = re.compile(rf"\b{program.replace('-', '.')}\b", re.IGNORECASE)

    assert [file for file in TRANSFER.rglob("*.py") if named.search(code_of(file))] == []


def code_of(file):
    """Return the text of a module without its table of URL schemes, some of which programs share."""
    return SCHEMES.sub("", file.read_text())
