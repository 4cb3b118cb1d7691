"""The ring that holds calls until somebody looks at them, and the texts that calls leave in it.

An allowed call leaves its decision, which many requests share. Every other one leaves a single
text: a tuple would hold raw headers, and have the garbage collector look through thousands of them.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from itertools import cycle
from typing import Any, Final, NamedTuple

from corsadmin.engine import Decision, Reason

MAX_ITEMS: Final = 4_096
MAX_TEXT: Final = 600  # characters
SAMPLED: Final = 64  # of so many calls that a wildcard lets in, or that any origin may make, one
ANY_ORIGIN: Final = "*"  # the entry of a decision where the rule is open to any origin

_SEPARATOR: Final = "\n"
join: Final = _SEPARATOR.join
CALL: Final = "call"
_PREFLIGHT: Final = "preflight"
_INHERITED: Final = "inherited"

_ACRM: Final = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
_ACRH: Final = "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"
# A look at the class would cost a third of what an allowed call may.
_ALLOWED: Final = Reason.ALLOWED
_SAME_ORIGIN: Final = Reason.SAME_ORIGIN
_NO_TENANT: Final = Reason.NO_TENANT

Item = Decision | str


HostOf = Callable[[Any], str]
IsOwn = Callable[[Any], bool]


class Head(NamedTuple):
    """What every text begins with: no caller chooses it."""

    tenant: str
    reason: str
    is_preflight: bool


# What a caller said of itself, forged perhaps: its origin, and a preflight's method and header names.
# All blank where the caller sent a separator, or more than is kept.
Claims = tuple[str, str, str]
_NOTHING: Final[Claims] = ("", "", "")


class Ring:
    """The calls that nobody has looked at yet: the last MAX_ITEMS of them.

    `append` costs a request next to nothing, takes no lock and forgets the oldest item when the
    ring is full.
    """

    __slots__ = ("_items", "append")

    def __init__(self) -> None:
        self._items: deque[Item] = deque(maxlen=MAX_ITEMS)
        self.append: Final[Callable[[Item], None]] = self._items.append

    def drain(self) -> list[Item]:
        """Take out all that is in the ring, the oldest first. For one thread at a time."""
        take = self._items.popleft
        return [take() for _ in range(len(self._items))]

    def clear(self) -> None:
        """Forget everything, as in a forked child: its parent accounts for it."""
        self._items.clear()


process_ring: Final = Ring()
# Says of each call that any origin may make whether it leaves no origin: the first one leaves it.
leaves_no_origin: Final[Callable[[], bool]] = cycle([False] + [True] * (SAMPLED - 1)).__next__


class Recorder:
    """Leaves in a ring what a call with an Origin says; the middleware appends decisions itself.

    `host_of` returns the host of a call, blank where it is not a valid one, and `is_own` reports
    whether a page of the site makes it. Nothing here raises.
    """

    __slots__ = ("_host_of", "_is_own", "append")

    def __init__(self, ring: Ring, host_of: HostOf, is_own: IsOwn) -> None:
        self.append: Final = ring.append
        self._host_of: Final = host_of
        self._is_own: Final = is_own

    def record_refused(self, decision: Decision, reason: Reason, request: Any) -> None:
        """Record a call unless it has no Origin or comes from the site's own page.

        `request` is Django's: what is not given to the two functions is read from `META` and `method`.
        """
        meta = request.META
        origin = meta.get("HTTP_ORIGIN")
        if not origin or reason is _SAME_ORIGIN:
            return
        if request.method == "OPTIONS" and (method := meta.get(_ACRM)) is not None:
            kind, said = _PREFLIGHT, f"{origin}\n{method}\n{meta.get(_ACRH) or ''}"
        elif self._is_own(request):
            return  # without a rule, a tenant or policies, the decision did not compare them
        else:
            kind, said = CALL, origin
        if reason is _NO_TENANT:
            said = self._host_of(request)
        # Not the reason itself: to turn it into text costs as much as all else here.
        text = f"{decision.tenant}\n{reason._value_}\n{kind}\n{decision.rule}\n{said}"
        self.append(text if len(text) <= MAX_TEXT else shortened(text))

    def record_allowed(self, decision: Decision, request: Any) -> None:
        """Record a preflight with the names it asks for, or a call with its origin."""
        meta = request.META
        inherited = _INHERITED if decision.inherited else ""
        ours = f"{decision.rule}\n{inherited}\n{decision.entry}"
        if decision.status:
            kind, said = _PREFLIGHT, f"\n{meta.get(_ACRM)}\n{meta.get(_ACRH) or ''}"
        else:
            kind, said = CALL, meta["HTTP_ORIGIN"]
        text = f"{decision.tenant}\n{_ALLOWED._value_}\n{kind}\n{ours}\n{said}"
        self.append(text if len(text) <= MAX_TEXT else shortened(text))


def shortened(text: str) -> str:
    """Return the part of a long text that no caller chooses: the tenant, the reason and the kind.

    An allowed call keeps its rule and its entry too, if it is short enough then.
    """
    head = text.split(_SEPARATOR, 3)[:3]
    if head[1] == _ALLOWED:
        ours = text.split(_SEPARATOR, 6)[:6]
        shorter = join((*ours, "") if head[2] == CALL else (*ours, "", "", ""))
        if len(shorter) <= MAX_TEXT:
            return shorter
    return join((*head, ""))


def by_head(texts: list[str]) -> dict[Head, list[str]]:
    """Return what follows the head of each text, by heads. It is blank where a text was too long.

    Empties the list, for the texts would take as much memory again.
    """
    groups: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    texts.reverse()
    while texts:
        tenant, reason, kind, rest = texts.pop().split(_SEPARATOR, 3)
        groups[tenant, reason, kind].append(rest)
    return {
        Head(tenant, reason, kind == _PREFLIGHT): rests
        for (tenant, reason, kind), rests in groups.items()
    }


def read_refused(rest: str) -> tuple[str, str]:
    """Return the path rule that refused a call, blank for none, and what the caller said."""
    rule, _, said = rest.partition(_SEPARATOR)
    return rule, said


def read_allowed(rest: str) -> tuple[str, bool, str, str]:
    """Return the path rule that let a call in, whether it is inherited, the entry, and the claims."""
    rule, inherited, entry, said = rest.split(_SEPARATOR, 3)
    return rule, inherited == _INHERITED, entry, said


def read_claims(said: str, *, is_preflight: bool) -> Claims:
    """Return a caller's claims. A separator that a caller sent makes one field too many."""
    if is_preflight:
        origin, _, asked = said.partition(_SEPARATOR)
        method, _, names = asked.partition(_SEPARATOR)
        return _NOTHING if _SEPARATOR in names else (origin, method, names)
    return _NOTHING if _SEPARATOR in said else (said, "", "")
