"""Count the allowed calls by what let them in; keep a few origins and names as samples."""

from collections import Counter
from collections.abc import Mapping
from sys import intern
from typing import Final, cast

from corsadmin.engine import Decision, Reason
from corsadmin.engine.origins import parse_origin
from corsadmin.sightings.batch import (
    MAX_NAMES,
    AllowedBy,
    Caller,
    CallerSeen,
    Calls,
    Names,
    SightingBatch,
)
from corsadmin.sightings.claims import asked_headers, asked_method, kept_origin
from corsadmin.sightings.kinship import Kinship
from corsadmin.sightings.ring import ANY_ORIGIN, SAMPLED, Group, read_allowed, read_claims

MAX_ALLOWANCES: Final = 20_000  # between two flushes; calls beyond are in the totals only
MAX_SAMPLES: Final = 20  # of an entry, or of a rule that is open to any origin, in an hour
MAX_SAMPLED: Final = 1_000  # origins of a process, in an hour
MAX_ALLOWED_NAMES: Final = 2_000  # methods and header names of all rules, between two flushes
MAX_NAME_LOOKS: Final = 100  # texts of one drain whose names are examined
_NOTHING: Final = Names()

# An AllowedBy, or a plain tuple that equals it, which takes a quarter of the time to make for a
# look-up.
AllowanceFields = tuple[str, str, bool, str]


class AllowedCalls:
    """Counts allowed calls into a batch. Bounded, because allowed callers may send anything too."""

    def __init__(self, kinship: Kinship) -> None:
        self._kinship = kinship
        self._unsampled = SAMPLED - 1  # so that the first call below a wildcard is a sample
        self._samples: dict[AllowanceFields, set[str]] = {}
        self._sampled = 0
        self._hour = 0
        self._looks = 0
        self._names = 0

    def begin(self, hour: int) -> None:
        """Begin a drain. Each hour begins new samples."""
        self._looks = MAX_NAME_LOOKS
        if hour != self._hour:
            self._hour = hour
            self._samples = {}
            self._sampled = 0

    def flushed(self) -> None:
        """Start over after a flush."""
        self._names = 0

    def count_decisions(
        self, batch: SightingBatch, decisions: Mapping[Decision, int], now: float
    ) -> None:
        """Count calls that left their decision, which below a wildcard has the caller's origin.

        `decisions` maps each decision to the number of its calls.
        """
        for (_reason, tenant, rule, inherited, entry, origin, *_), count in decisions.items():
            key = _key(tenant, rule, inherited, entry)
            self._count(batch, key, count, is_preflight=False)
            if entry != origin:
                self._sample_wildcard(batch, key, origin, count, now)

    def count_texts(self, batch: SightingBatch, group: Group, now: float) -> None:
        """Count calls that left a text, except those whose text was too long."""
        is_preflight = group.is_preflight
        for text, count in Counter(group.texts).items():
            rule, inherited, entry, said = read_allowed(text)
            key = _key(group.tenant, rule, inherited, entry)
            self._count(batch, key, count, is_preflight=is_preflight)
            origin, method, names = read_claims(said, is_preflight=is_preflight)
            if is_preflight:
                self._note_names(batch, key, method, names)
            elif entry == ANY_ORIGIN:
                self._sample(batch, key, origin, now)
            elif entry != origin:
                self._sample_wildcard(batch, key, origin, count, now)

    def _count(
        self, batch: SightingBatch, key: AllowanceFields, count: int, *, is_preflight: bool
    ) -> None:
        calls = batch.allowed.get(cast("AllowedBy", key))
        if calls is None:
            if len(batch.allowed) >= MAX_ALLOWANCES:
                return
            tenant, rule, inherited, entry = key
            allowance = AllowedBy(intern(tenant), intern(rule), inherited, entry)
            calls = batch.allowed[allowance] = Calls()
        calls.add(count, is_preflight=is_preflight)

    def _sample_wildcard(
        self, batch: SightingBatch, key: AllowanceFields, origin: str, count: int, now: float
    ) -> None:
        """Keep the origin of one in SAMPLED calls below wildcards."""
        self._unsampled += count
        if self._unsampled >= SAMPLED:
            self._unsampled %= SAMPLED
            self._sample(batch, key, origin, now)

    def _sample(self, batch: SightingBatch, key: AllowanceFields, origin: str, now: float) -> None:
        parts = parse_origin(origin)
        if parts is None:
            return
        tenant, rule = intern(key[0]), intern(key[1])
        kept = kept_origin(origin, parts, Reason.ALLOWED)
        caller = Caller(tenant, rule, kept, Reason.ALLOWED.value)
        samples = self._samples.setdefault(key, set())
        if kept not in samples:
            if len(samples) >= MAX_SAMPLES or self._sampled >= MAX_SAMPLED:
                return
            samples.add(kept)
            self._sampled += 1
        seen = batch.callers.get(caller)
        if seen is None:
            is_kin = self._kinship.of_tenant(tenant)(parts)
            seen = batch.callers[caller] = CallerSeen(now, now, is_kin)
        # The clock may have been set back in the meantime.
        seen.first, seen.last = min(seen.first, now), max(seen.last, now)
        seen.calls += 1

    def _note_names(
        self, batch: SightingBatch, allowed_by: AllowanceFields, method: str, names: str
    ) -> None:
        """Keep the names that preflights of a rule request."""
        if not self._looks:
            return
        self._looks -= 1
        key = intern(allowed_by[0]), intern(allowed_by[1])
        noted = batch.names.get(key, _NOTHING)
        methods = self._new({asked_method(method)} - {""}, noted.methods)
        headers = self._new({*asked_headers(names)}, noted.headers)
        if methods or headers:
            noted = batch.names.setdefault(key, Names())
            noted.methods |= methods
            noted.headers |= headers

    def _new(self, asked: set[str], noted: set[str]) -> set[str]:
        room = min(MAX_NAMES - len(noted), MAX_ALLOWED_NAMES - self._names)
        new = sorted(asked - noted)[: max(0, room)]
        self._names += len(new)
        return set(new)


def _key(tenant: str, rule: str, inherited: bool, entry: str) -> AllowanceFields:  # noqa: FBT001 (a field)
    return tenant, rule, inherited, "" if entry == ANY_ORIGIN else entry
