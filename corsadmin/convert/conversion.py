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
    "it is sent literally. In calls with cookies, browsers take it for a name, so there it allowed "
    "nothing."
)
_LIST: Final = "List the names."
_OFFER: Final = "Add it to the rule if listed origins may have whatever they request."
_WITH_AUTHORIZATION: Final = "That includes authorization."
_MAX_SECONDS: Final = 10**18  # all longer times are equivalent


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was not carried over exactly.

    `what` names it, `why` is one or more sentences, and `nearest` is what to write by hand, or blank.
    """

    what: str
    why: str
    nearest: str = ""

    def __str__(self) -> str:
        nearest = f" The nearest safe entry: {self.nearest}" if self.nearest else ""
        return f"{self.what}: {self.why}{nearest}"


@dataclass(slots=True)
class Conversion:
    """Origin entries and path rules as objects of the interchange document, and the remarks."""

    origins: list[dict[str, Any]] = field(default_factory=list)
    paths: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    _said: set[Remark] = field(default_factory=set)

    def remark(self, what: str, why: str, nearest: str = "") -> None:
        """Add a remark about something that was not carried over, unless it is there already."""
        remark = Remark(what, why, nearest)
        if remark not in self._said:
            self._said.add(remark)
            self.remarks.append(remark)

    def add_origin(self, **origin: object) -> None:
        """Add an origin entry. The caller must not add any twice."""
        self.origins.append(origin)

    def can_hold(self, origin: str, what: str) -> bool:
        """Report whether an origin pattern is valid for an entry; otherwise add a remark."""
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
        """Return methods as a rule lists them; add a remark for each that it cannot list.

        Keeps their case: browsers compare methods by case, so `put` does not allow PUT. `echoed`
        means that the source allows whatever a browser requests, in addition to `names`.
        """
        found = ["*", *names] if echoed else names
        offer = "" if echoed or not credentials else _OFFER
        return self._sound(found, check_method, what, offer)

    def request_headers(
        self, names: Iterable[str], what: str, *, credentials: bool, echoed: bool = False
    ) -> list[str]:
        """Return request headers as a rule lists them; add a remark for each that it cannot list.

        `echoed` means that the source allows whatever a browser requests, in addition to `names`.
        A literal star never includes Authorization; an echo does, and so does the star of a rule
        with credentials.
        """
        found = [*spellings(names)]
        if echoed:
            found = ["*", *found] if credentials else ["*", *found, "authorization"]
        offer = "" if echoed or not credentials else f"{_OFFER} {_WITH_AUTHORIZATION}"
        return self._sound(found, check_request_header, what, offer)

    def exposed_headers(self, names: Iterable[str], what: str, *, credentials: bool) -> list[str]:
        """Return response headers as a rule lists them; add a remark for each that it cannot list."""
        return self._sound(names, check_exposed_header, what, _LIST if credentials else "")

    def max_age(self, seconds: object, what: str) -> int | None:
        """Return a max age in seconds as a rule has it, None if there is none."""
        if seconds is None or seconds == "":
            return None
        if isinstance(seconds, int):
            # Python refuses to print numbers with thousands of digits.
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
        """Add a remark about GET and POST, which a rule always allows, if the source lacks one.

        `done` says what the source did then. HEAD reveals nothing that GET does not.
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
        """Return names as a rule lists them. `literal_star` says why to leave out a star, if so."""
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
            why = f"a rule can list at most {MAX_REQUESTED_NAMES} names."
            self.remark(f"{what}, after {found[MAX_REQUESTED_NAMES - 1]}", why)
        return found[:MAX_REQUESTED_NAMES]
