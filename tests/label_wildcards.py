"""Label wildcards of many different lengths."""

from collections.abc import Iterator

from corsadmin.engine.wildcards import MAX_LABEL_LENGTHS
from corsadmin.models import Origin, Tenant


def patterns(count: int) -> Iterator[str]:
    """Yield label wildcards, each with another pair of lengths and below a domain of its own."""
    for number in range(count):
        before, after = "a" * (1 + number // 9), "b" * (1 + number % 9)
        yield f"https://{before}*{after}.acme{number}.dev"


def fill(tenant: Tenant, count: int, **fields: object) -> list[Origin]:
    """Store so many of them in a tenant, past the gate."""
    rows = [Origin(tenant=tenant, pattern=text, **fields) for text in patterns(count)]
    return list(Origin.objects.bulk_create(rows))


def one_more() -> str:
    """Return a label wildcard whose lengths are none of these."""
    *_, last = patterns(MAX_LABEL_LENGTHS + 1)
    return last.replace("*", "aaaaaaaaaa*")


def same_lengths() -> str:
    """Return another label wildcard whose lengths are there."""
    return "https://x*y.other.dev"


def origin_of(pattern: str) -> str:
    """Return an origin that a label wildcard lets in."""
    return pattern.replace("*", "0")
