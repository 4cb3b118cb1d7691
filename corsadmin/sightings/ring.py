"""The ring that keeps calls until the drain takes them, and the texts that calls leave in it.

An allowed call leaves its decision, which many requests share. Every other call leaves a single
text: tuples would keep raw headers alive, and the garbage collector would scan thousands of them.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, repeat
from typing import Any, Final, NamedTuple

from corsadmin.engine import Decision, Reason

MAX_ITEMS: Final = 4_096
MAX_TEXT: Final = 600  # characters
SAMPLED: Final = 64  # one in so many calls that a wildcard or a rule for any origin lets in
ANY_ORIGIN: Final = "*"  # the entry of a decision if the rule allows any origin

_SEPARATOR: Final = "\n"
# Ends the part of a text that no caller can choose; that part never contains it.
_END: Final = "\t\n"
_HEAD_FIELDS: Final = 4  # tenant, reason, kind, and nothing
_CALL: Final = "call\t"
_PREFLIGHT: Final = "preflight\t"
_INHERITED: Final = "inherited"
# What the usual refusal leaves between the tenant and the path rule.
UNLISTED_CALL: Final = f"\n{Reason.ORIGIN_NOT_LISTED.value}\n{_CALL}\n"

_ACRM: Final = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
_ACRH: Final = "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"
# Looking them up on the class would cost a third of an allowed call's budget.
_ALLOWED: Final = Reason.ALLOWED
_SAME_ORIGIN: Final = Reason.SAME_ORIGIN
_NO_TENANT: Final = Reason.NO_TENANT

Item = Decision | str


HostOf = Callable[[Any], str]
IsOwn = Callable[[Any], bool]


class Group(NamedTuple):
    """The texts that share their beginning, which no caller can choose.

    `texts` are whole and in order. `nameless` counts those of which only the beginning was kept.
    """

    tenant: str
    reason: str
    is_preflight: bool
    texts: list[str]
    nameless: int

    @property
    def calls(self) -> int:
        """The number of calls."""
        return len(self.texts) + self.nameless


# What a caller claims, perhaps falsely: its origin, and a preflight's method and header names. All
# are blank if the caller sent a separator, or more than is kept.
Claims = tuple[str, str, str]
_NOTHING: Final[Claims] = ("", "", "")


class Ring:
    """The calls that the drain has not taken yet, at most the last MAX_ITEMS.

    `append` costs a request next to nothing, takes no lock and forgets the oldest item when the
    ring is full.
    """

    __slots__ = ("_items", "append")

    def __init__(self) -> None:
        self._items: deque[Item] = deque(maxlen=MAX_ITEMS)
        self.append: Final[Callable[[Item], None]] = self._items.append

    def drain(self) -> list[Item]:
        """Take everything out of the ring, the oldest first. For one thread at a time."""
        # Requests may append in the meantime; that never makes the ring shorter. With map() it
        # takes half the time of a loop.
        return [*map(deque.popleft, repeat(self._items, len(self._items)))]

    def clear(self) -> None:
        """Forget everything, as in a forked child, whose parent counts these calls."""
        self._items.clear()


process_ring: Final = Ring()
# Reports whether a call under a rule for any origin leaves no origin: one in SAMPLED leaves it.
leaves_no_origin: Final[Callable[[], bool]] = cycle([False] + [True] * (SAMPLED - 1)).__next__


class Recorder:
    """Leaves in a ring the text of a call with an Origin; the middleware itself appends decisions.

    `host_of` returns the host of a call, blank if it is not valid; `is_own` reports whether a page
    of the site itself makes the call. Nothing here raises.
    """

    __slots__ = ("_host_of", "_is_own", "append")

    def __init__(self, ring: Ring, host_of: HostOf, is_own: IsOwn) -> None:
        self.append: Final = ring.append
        self._host_of: Final = host_of
        self._is_own: Final = is_own

    def record(self, decision: Decision, reason: Reason, request: Any) -> None:
        """Record a call unless it has no Origin or comes from the site's own page.

        `request` is Django's. This reads only its `META` and `method`, besides calling the two
        functions.
        """
        if reason is _ALLOWED:
            self._record_allowed(decision, request)
        else:
            self._record_refused(decision, reason, request)

    def _record_refused(self, decision: Decision, reason: Reason, request: Any) -> None:
        meta = request.META
        origin = meta.get("HTTP_ORIGIN")
        if not origin or reason is _SAME_ORIGIN:
            return
        if request.method == "OPTIONS" and (method := meta.get(_ACRM)) is not None:
            kind, said = _PREFLIGHT, f"{origin}\n{method}\n{meta.get(_ACRH) or ''}"
        elif self._is_own(request):
            return  # without a rule, a tenant or policies, the decision did not check that
        else:
            kind, said = _CALL, origin
        if reason is _NO_TENANT:
            said = self._host_of(request)
        # Not the reason itself: turning it into text would cost as much as everything else here.
        text = f"{decision.tenant}\n{reason._value_}\n{kind}\n{decision.rule}\n{said}"
        self.append(text if len(text) <= MAX_TEXT else shortened(text))

    def _record_allowed(self, decision: Decision, request: Any) -> None:
        """Record a preflight with the names that it requests, or a call with its origin."""
        meta = request.META
        inherited = _INHERITED if decision.inherited else ""
        ours = f"{decision.rule}\n{inherited}\n{decision.entry}"
        if decision.status:
            kind, said = _PREFLIGHT, f"\n{meta.get(_ACRM)}\n{meta.get(_ACRH) or ''}"
        else:
            kind, said = _CALL, meta["HTTP_ORIGIN"]
        text = f"{decision.tenant}\n{_ALLOWED._value_}\n{kind}\n{ours}\n{said}"
        self.append(text if len(text) <= MAX_TEXT else shortened(text))


def shortened(text: str) -> str:
    """Return the part of a long text that no caller can choose: tenant, reason and kind.

    An allowed call keeps its rule and its entry too, if the text is then short enough.
    """
    head, rest = _parts(text)
    if f"{_SEPARATOR}{_ALLOWED._value_}{_SEPARATOR}" in head:
        ours = rest.split(_SEPARATOR, 3)[:3]
        claims = _SEPARATOR * (3 if head.endswith(f"{_PREFLIGHT}{_SEPARATOR}") else 1)
        shorter = f"{head}{_SEPARATOR.join(ours)}{claims}"
        if len(shorter) <= MAX_TEXT:
            return shorter
    return head


def _parts(text: str) -> tuple[str, str]:
    """Return the part of a text that no caller can choose, and the rest."""
    head, end, rest = text.partition(_END)
    return f"{head}{end}", rest


def in_groups(texts: list[str]) -> list[Group]:
    """Return the texts in groups, in the order of their first texts."""
    found: dict[str, list[str]] = {}
    head, group = "", texts
    for text in texts:
        # Most texts begin like the one before, which is quick to see.
        if not (head and text.startswith(head)):
            head, _ = _parts(text)
            group = found.setdefault(head, [])
        group.append(text)
    return [*_groups(found)]


def _groups(found: Mapping[str, list[str]]) -> Iterator[Group]:
    for head, texts in found.items():
        fields = head.split(_SEPARATOR)
        if len(fields) != _HEAD_FIELDS:
            continue  # raw SQL may have written any slug
        tenant, reason, kind, _ = fields
        nameless = texts.count(head)
        named = [text for text in texts if text != head] if nameless else texts
        yield Group(tenant, reason, kind == _PREFLIGHT, named, nameless)


def read_refused(text: str) -> tuple[str, bool, str, str]:
    """Return why a call was refused, whether it is a preflight, the path rule and the claims.

    The path rule is blank if none covers the call.
    """
    _tenant, reason, kind, rule, said = text.split(_SEPARATOR, 4)
    return reason, kind == _PREFLIGHT, rule, said


def read_allowed(text: str) -> tuple[str, bool, str, str]:
    """Return the path rule of an allowed call, whether it is inherited, the entry, the claims."""
    _tenant, _reason, _kind, rule, inherited, entry, said = text.split(_SEPARATOR, 6)
    return rule, inherited == _INHERITED, entry, said


def read_claims(said: str, *, is_preflight: bool) -> Claims:
    """Return a caller's claims. A separator that a caller sent makes one field too many."""
    if is_preflight:
        origin, _, asked = said.partition(_SEPARATOR)
        method, _, names = asked.partition(_SEPARATOR)
        return _NOTHING if _SEPARATOR in names else (origin, method, names)
    return _NOTHING if _SEPARATOR in said else (said, "", "")
