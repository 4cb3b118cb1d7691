"""What was seen of callers, for tests that hold a change against it."""

from datetime import UTC, datetime

from corsadmin.sightings.comparing import compare_seen
from corsadmin.sightings.recently import Recently, SeenCaller, SeenEntry, SeenRule
from tests.engine.policies import APP, PLAIN, policy

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
DAY = datetime(2026, 5, 6, tzinfo=UTC)


def caller(origin, *, rule="/api/", is_allowed=False, calls=5, last=NOW, **fields):
    """Return a refused caller, or a sample of those that a wildcard lets in."""
    return SeenCaller(rule, origin, is_allowed, calls, last, **fields)


def sample(origin, **fields):
    return caller(origin, is_allowed=True, **fields)


def entry(pattern, *, calls=10, last=DAY, is_shared=False):
    return SeenEntry(pattern, calls, last, is_shared)


def rule(path="/api/", methods=(), headers=()):
    return SeenRule(path, DAY, methods, headers)


def seen(*things, is_cut=False):
    """Return what was seen; where no path rule is named, any may have answered."""
    return Recently(
        tuple(one for one in things if isinstance(one, SeenCaller)),
        tuple(one for one in things if isinstance(one, SeenEntry)),
        tuple(one for one in things if isinstance(one, SeenRule)),
        is_cut,
    )


def origins(*patterns, **fields):
    """Return a policy with these entries and, unless others are named, one rule on /api/."""
    pairs = [one if isinstance(one, tuple) else (one, PLAIN) for one in patterns]
    return policy(origins=pairs, **fields)


def rules(*texts, entries=(APP,), **fields):
    return policy(rules=texts, origins=[(one, PLAIN) for one in entries], **fields)


def told(affected):
    return [(one.origin, one.calls, str(one.depends)) for one in affected]


def compare(before, after, what, now=0.0, **fields):
    return compare_seen(before, after, what, now, **fields)
