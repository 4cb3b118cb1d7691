"""What a case says: a policy, a request, and what the peer answers to it."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

# The fields of an answer that the cases speak of, by the short name they have there.
FIELDS = {
    "origin": "access-control-allow-origin",
    "credentials": "access-control-allow-credentials",
    "methods": "access-control-allow-methods",
    "headers": "access-control-allow-headers",
    "exposed": "access-control-expose-headers",
    "age": "access-control-max-age",
    "network": "access-control-allow-private-network",
    "vary": "vary",
}
LISTS = {"methods", "headers", "exposed", "vary"}

Value = str | int | frozenset[str] | None
Answer = dict[str, Value]


@dataclass(frozen=True)
class Rule:
    """What a peer's configuration says for one path."""

    path: str = "/"
    any_origin: bool = False
    credentials: bool = False
    refuse: bool = False
    exclusive: bool = False
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    age: int | None = None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """One request to the peer."""

    method: str
    path: str = "/"
    origin: str | None = None
    requested_method: str | None = None
    requested_headers: str | None = None
    page_sets_vary: str | None = None

    @property
    def is_preflight(self) -> bool:
        """Report whether a browser would send this as a preflight."""
        return self.method == "OPTIONS" and bool(self.origin and self.requested_method)

    @property
    def names(self) -> frozenset[str]:
        """The request headers that are asked for, in lower case."""
        return listed(self.requested_headers or "")


@dataclass(frozen=True)
class Case:
    """One case of a suite that can be said here."""

    name: str
    rules: tuple[Rule, ...]
    call: Call
    theirs: Answer

    @property
    def is_covered(self) -> bool:
        """Report whether one of the rules covers the path."""
        return any(_begins(rule, self.call) for rule in self.rules)

    @property
    def rule(self) -> Rule:
        """The rule that decides this call: the longest path that begins the asked one."""
        covering = [rule for rule in self.rules if _begins(rule, self.call)]
        return max(covering, key=lambda rule: len(rule.path), default=Rule())


class Pattern(NamedTuple):
    """One case about an origin pattern alone: does the peer take it?"""

    name: str
    pattern: str
    taken: bool


class Unsaid(NamedTuple):
    """One case that cannot be said here; `refused` is a pattern that would say it, if there is one."""

    name: str
    why: str
    refused: str


class Suite(NamedTuple):
    """The cases of one peer."""

    peer: str
    source: str
    coverage: str
    cases: tuple[Case, ...]
    patterns: tuple[Pattern, ...]
    unsaid: tuple[Unsaid, ...]


def _begins(rule: Rule, call: Call) -> bool:
    return unquote(call.path).startswith(rule.path.removesuffix("{$}"))


def listed(text: str, *, keep_case: bool = False) -> frozenset[str]:
    """Return the elements of a list header, without empty ones."""
    return frozenset(
        (word if keep_case else word.lower())
        for word in (part.strip() for part in text.split(","))
        if word
    )


def value(field: str, text: str | None) -> Value:
    """Return a header's value as two answers are compared by: lists have no order."""
    if text is None:
        return None
    return listed(text, keep_case=field == "methods") if field in LISTS else text
