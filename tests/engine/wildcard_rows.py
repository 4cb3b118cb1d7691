"""The tables of wildcards, as pytest takes them, and the regular expression of a wildcard."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

_VECTORS: Final = Path(__file__).parent / "vectors"


def rows_of(name: str) -> list[Any]:
    """Return the rows of a table: each line is cells and, at its end, the sentence that is its id.

    `{60}` stands for sixty letters.
    """
    lines = (_VECTORS / name).read_text("utf-8").splitlines()
    cells = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [pytest.param(*map(_written_out, row[:-1]), id=row[-1]) for row in cells]


def anchored(pattern: str) -> str:
    """Return the regular expression that a pattern with a wildcard stands for."""
    scheme, _, rest = pattern.partition("://")
    if rest == "*":
        return rf"{re.escape(scheme)}://[A-Za-z0-9._~-]+"
    authority = rest.removesuffix(":*")
    if authority.startswith("*."):
        host = rf"(?:[a-z0-9_-]+\.)+{re.escape(authority[2:])}"
    else:
        host = re.escape(authority).replace(r"\*", "[a-z0-9_-]+")
    return f"{re.escape(scheme)}://{host}" + (r"(?::[0-9]+)?" if authority != rest else "")


def _written_out(cell: str) -> str:
    return re.sub(r"\{(\d+)\}", lambda found: "a" * int(found[1]), cell)
