"""What was carried over from another program, and what was not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from corsadmin.engine import check_exposed_header, check_method, check_request_header
from corsadmin.messages import describe

MAX_AGE = 86_400


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was not carried over as it was. `nearest` is what to write by hand, or blank."""

    what: str
    why: str
    nearest: str = ""

    def __str__(self) -> str:
        nearest = f" The nearest safe entry: {self.nearest}" if self.nearest else ""
        return f"{self.what}: {self.why}{nearest}"


@dataclass(slots=True)
class Carried:
    """Origins and path rules as the interchange file holds them, and the remarks."""

    origins: list[dict[str, Any]] = field(default_factory=list)
    paths: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, what: str, why: str, nearest: str = "") -> None:
        """Say what was not carried over, once."""
        remark = Remark(what, why, nearest)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def add_origin(self, **origin: Any) -> None:
        """Add an origin unless it is there."""
        if origin not in self.origins:
            self.origins.append(origin)

    def methods(self, names: Iterable[str], what: str) -> list[str]:
        """Return methods as a rule lists them; remark on those it cannot."""
        return self._sound([name.upper() for name in names], check_method, what)

    def request_headers(self, names: Iterable[str], what: str) -> list[str]:
        """Return request headers as a rule lists them; remark on those it cannot."""
        found = [name.lower() for name in names]
        if "*" in found:
            # Fetch: the star stands for every header but this one; who echoes allows it too.
            found.append("authorization")
        return self._sound(found, check_request_header, what)

    def exposed_headers(self, names: Iterable[str], what: str) -> list[str]:
        """Return response headers as a rule lists them; remark on those it cannot."""
        return self._sound(list(names), check_exposed_header, what)

    def max_age(self, seconds: object, what: str) -> int | None:
        """Return a max age as a rule has it, None for none."""
        try:
            number = int(str(seconds)) if seconds else None
        except ValueError:
            number = -1
        if number is not None and number < 0:
            self.remark(f"{what} {seconds!r}", "it is no number of seconds.")
            return None
        if number is not None and number > MAX_AGE:
            self.remark(
                f"{what} {number}", f"no browser keeps a preflight longer than {MAX_AGE} s."
            )
            return MAX_AGE
        return number

    def _sound(self, names: list[str], check: Any, what: str) -> list[str]:
        found = []
        for name in dict.fromkeys(names):
            problem = check(name)
            if problem is None:
                found.append(name)
            else:
                self.remark(f"{what} {name!r}", describe(problem))
        return found
