"""One way to break the code, and the tests that should notice."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One change of the code: `old`, which stands in the file exactly once, becomes `new`.

    `guard` names the tests that should notice, as pytest's -k takes it; they are asked first, then
    all of `tests`. `marks` chooses among them, as pytest's -m takes it.
    """

    name: str
    file: str
    guard: str
    old: str
    new: str
    tests: tuple[str, ...] = ("tests/engine", "tests/conformance")
    marks: str = "not slow"
