"""What ten thousand wildcards inside a label cost one tenant's requests, without any cache."""

from collections.abc import Callable, Iterator
from itertools import count, islice, repeat
from statistics import median
from typing import Final

from benchmarks.rows import Row
from benchmarks.timing import Side, side_by_side
from corsadmin.engine import CorsRequest, Decision, TenantPolicy, decide
from corsadmin.engine.packing import Allowance
from tests.engine.policies import ask, policy

FEW: Final = 10
MANY: Final = 10_000
BATCH: Final = 400
_SIGNS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_PLAIN: Final = Allowance(credentials=False)


def below_many(number: int) -> str:
    """Return a label wildcard below a domain of its own; all have the same lengths."""
    return f"https://pr-*.tenant{number}.example"


def below_one(number: int) -> str:
    """Return a label wildcard below one domain; together they have 64 pairs of lengths."""
    before, after = 1 + number % 8, 1 + number // 8 % 8
    word = _word(number // 64, before + after)
    return f"https://{word[:before]}*{word[before:]}.acme.dev"


def _word(number: int, length: int) -> str:
    signs = []
    for _ in range(length):
        number, place = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[place])
    return "".join(signs)


def rows(rounds: int) -> Iterator[Row]:
    """Yield what a decision costs with few and with many label wildcards, side by side."""
    section = "label wildcards of one tenant, no cache, µs a decision"
    plain = policy(origins=[("https://*.example.org", _PLAIN)])
    few, many = held(below_many, FEW), held(below_many, MANY)
    stranger = (f"https://pr-{number}.stranger.example" for number in count())
    listed = repeat(below_many(FEW - 1).replace("*", "12"))
    # As long as it may be, so that each pair of lengths is looked up.
    refused = repeat(f"https://{'-' * 63}.acme.dev")
    sides = {
        "a host with another parent, refused: no label wildcard": side(plain, stranger),
        "a host with another parent, refused: few": side(few, stranger),
        "a host with another parent, refused: 10,000": side(many, stranger),
        "a host that fits, allowed: few": side(few, listed),
        "a host that fits, allowed: 10,000": side(many, listed),
        "a host below the parent of all, refused: few": side(held(below_one, FEW), refused),
        "a host below the parent of all, refused: 10,000 in 64 pairs of lengths": side(
            held(below_one, MANY), refused
        ),
    }
    found = {name: median(figures) for name, figures in side_by_side(sides, rounds).items()}
    for name, figure in found.items():
        yield Row(section, name, figure, "µs")
    for what in ("a host with another parent, refused", "a host that fits, allowed"):
        times = found[f"{what}: 10,000"] / found[f"{what}: few"]
        yield Row(section, f"{what}: 10,000 against few", times, "times", 1.2)


def held(pattern: Callable[[int], str], number: int) -> TenantPolicy:
    """Return the policy of a tenant with so many label wildcards."""
    made: TenantPolicy = policy(origins=[(pattern(one), _PLAIN) for one in range(number)])
    return made


def side(tenant: TenantPolicy, origins: Iterator[str]) -> Side:
    """Return the decision of a tenant, and what makes a batch of requests from these origins."""

    def call(request: CorsRequest) -> Decision:
        return decide(tenant, request, 0.0)

    return call, lambda: [ask(origin) for origin in islice(origins, BATCH)]
