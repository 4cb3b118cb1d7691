"""What was carried over from another program, and what was not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from corsadmin.engine.headers import (
    MAX_REQUESTED_NAMES,
    check_exposed_header,
    check_request_header,
    spellings,
)
from corsadmin.engine.methods import check_method
from corsadmin.engine.origins import parse_pattern
from corsadmin.engine.problems import PolicyError, Problem
from corsadmin.engine.rules import MAX_PREFLIGHT_AGE
from corsadmin.messages import describe

_LITERAL_STAR: Final = (
    "it is sent as it is, and a browser that sends cookies takes it for a name, so with cookies it "
    "allowed nothing."
)
_LIST: Final = "List the names."
_OFFER: Final = "Add it to the rule if listed origins may have whatever they ask for."
_WITH_AUTHORIZATION: Final = "That includes authorization."
_MAX_SECONDS: Final = 10**18  # longer times are all alike


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
class Conversion:
    """Origins and path rules as the interchange file holds them, and the remarks."""

    origins: list[dict[str, Any]] = field(default_factory=list)
    paths: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    _said: set[Remark] = field(default_factory=set)

    def remark(self, what: str, why: str, nearest: str = "") -> None:
        """Say what was not carried over, once."""
        remark = Remark(what, why, nearest)
        if remark not in self._said:
            self._said.add(remark)
            self.remarks.append(remark)

    def add_origin(self, **origin: Any) -> None:
        """Add an origin entry; the caller gives each once."""
        self.origins.append(origin)

    def can_hold(self, origin: str, what: str) -> bool:
        """Report whether an entry can hold an origin pattern; remark on one that it cannot."""
        try:
            parse_pattern(origin)
        except PolicyError as error:
            (problem,) = error.problems
            self.remark(what, describe(problem))
            return False
        return True

    def methods(
        self, names: Iterable[str], what: str, *, credentials: bool, echoed: bool = False
    ) -> list[str]:
        """Return methods as a rule lists them; remark on those it cannot.

        Their case is kept: browsers compare methods by case, so `put` does not allow PUT. `echoed`
        says that the source allows whatever a browser asks for, in addition to `names`.
        """
        found = ["*", *names] if echoed else names
        offer = "" if echoed or not credentials else _OFFER
        return self._sound(found, check_method, what, offer)

    def request_headers(
        self, names: Iterable[str], what: str, *, credentials: bool, echoed: bool = False
    ) -> list[str]:
        """Return request headers as a rule lists them; remark on those it cannot.

        `echoed` says that the source allows whatever a browser asks for, in addition to `names`.
        A literal star never covers Authorization; an echo does, and so does the star of a rule with
        credentials.
        """
        found = [*spellings(names)]
        if echoed:
            found = ["*", *found] if credentials else ["*", *found, "authorization"]
        offer = "" if echoed or not credentials else f"{_OFFER} {_WITH_AUTHORIZATION}"
        return self._sound(found, check_request_header, what, offer)

    def exposed_headers(self, names: Iterable[str], what: str, *, credentials: bool) -> list[str]:
        """Return response headers as a rule lists them; remark on those it cannot."""
        return self._sound(names, check_exposed_header, what, _LIST if credentials else "")

    def max_age(self, seconds: object, what: str) -> int | None:
        """Return a max age as a rule has it, or None if there is none."""
        if seconds is None or seconds == "":
            return None
        if isinstance(seconds, int):
            # Python does not write numbers of thousands of digits.
            seconds = max(-_MAX_SECONDS, min(seconds, _MAX_SECONDS))
        text = str(seconds).strip()
        if not (text.isascii() and text.isdecimal()):
            self.remark(f"{what} {seconds!r}", "it is not a number of seconds.")
            return None
        number = (
            int(text)
            if len(text.lstrip("0")) <= len(str(MAX_PREFLIGHT_AGE))
            else MAX_PREFLIGHT_AGE + 1
        )
        if number > MAX_PREFLIGHT_AGE:
            why = f"no browser keeps a preflight longer than {MAX_PREFLIGHT_AGE} s."
            self.remark(f"{what} {text}", why)
            return MAX_PREFLIGHT_AGE
        return number

    def remark_on_simple_methods(self, methods: Sequence[str], what: str, done: str) -> None:
        """Say which methods that a rule always allows the source did not let do something.

        HEAD tells nothing that GET does not.
        """
        missing = [name for name in ("GET", "POST") if name not in methods]
        if missing:
            why = f"{done}, but a rule always allows GET, HEAD and POST."
            self.remark(f"{what} without {' and '.join(missing)}", why)

    def _sound(
        self,
        names: Iterable[str],
        check: Callable[[str], Problem | None],
        what: str,
        literal_star: str,
    ) -> list[str]:
        """Return names as a rule lists them; `literal_star` is why a star is not, if it is not."""
        found = []
        for name in dict.fromkeys(names):
            problem = check(name)
            if literal_star and name == "*":
                self.remark(f"{what} '*'", f"{_LITERAL_STAR} {literal_star}")
            elif problem is not None:
                self.remark(f"{what} {name!r}", describe(problem))
            else:
                found.append(name)
        if len(found) > MAX_REQUESTED_NAMES:
            why = f"a rule lists {MAX_REQUESTED_NAMES} names at most."
            self.remark(f"{what}, after {found[MAX_REQUESTED_NAMES - 1]}", why)
        return found[:MAX_REQUESTED_NAMES]
