"""A realistic file of many tenants, some of its rows wrong, and what becomes of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# Slips that people make, each with what is left of the row once suggestions are accepted.
_SLIPS: tuple[Callable[[str], str], ...] = (
    lambda origin: f"{origin}/",
    lambda origin: f"{origin}:443",
    lambda origin: origin.replace("https://", "HTTPS://"),
    lambda origin: f" {origin}",
    lambda origin: origin.removeprefix("https://"),
)
_HOPELESS = ("*", "null", "https://*", "https://a b.example", "file:///tmp/index.html")


@dataclass
class Expected:
    """What the generator put into the file."""

    tenants: int = 0
    hosts: int = 0
    origins: int = 0  # those that are sound as they stand
    paths: int = 0
    mendable: int = 0  # origins
    hopeless: int = 0  # origins
    slugs: list[str] = field(default_factory=list)


def make_file(
    *, seed: int, tenants: int, origins: int = 20, wrong: float = 0.05
) -> tuple[dict[str, Any], Expected]:
    """Return a document of so many tenants with about so many origins each, and its counts."""
    chance = random.Random(seed)
    expected = Expected()
    rows = [_tenant(chance, number, origins, wrong, expected) for number in range(tenants)]
    return {"version": 1, "tenants": rows}, expected


def _tenant(
    chance: random.Random, number: int, origins: int, wrong: float, expected: Expected
) -> dict[str, Any]:
    slug = f"customer-{number}"
    hosts = [f"{slug}.api.example.net"] + ([f"api.{slug}.example"] if chance.random() < 0.3 else [])
    paths = [{"path": "/api/", "methods": ["GET", "POST"], "credentials": True, "max_age": 600}]
    if chance.random() < 0.2:
        paths.append({"path": "/api/public/", "any_origin": True, "methods": ["GET"]})
    expected.tenants += 1
    expected.hosts += len(hosts)
    expected.paths += len(paths)
    expected.slugs.append(slug)
    amount = chance.randint(1, 2 * origins - 1)
    return {
        "slug": slug,
        "name": f"Customer №{number}",
        "note": chance.choice(["", "signed 2026-03", "=SUM(A1:A9)", "line\nline"]),
        "hosts": hosts,
        "origins": [_origin(chance, slug, place, wrong, expected) for place in range(amount)],
        "paths": paths,
    }


def _origin(
    chance: random.Random, slug: str, place: int, wrong: float, expected: Expected
) -> dict[str, Any]:
    pattern = chance.choice([
        f"https://app-{place}.{slug}.example.com",
        f"https://*.preview-{place}.{slug}.example.com",
        f"https://admin-{place}.{slug}.example.com:8443",
    ])  # fmt: skip
    row: dict[str, Any] = {"pattern": pattern, "credentials": chance.random() < 0.5}
    if chance.random() < 0.1:
        row |= {"scope": "/api/public/", "valid_until": "2030-01-31T00:00:00Z"}
    if chance.random() < 0.3:
        row["note"] = chance.choice(["OPS-12", "-1", "web app", "naïve; 'quoted'"])
    if chance.random() >= wrong:
        expected.origins += 1
    elif chance.random() < 0.6 and ":8443" not in pattern:
        expected.mendable += 1
        row["pattern"] = chance.choice(_SLIPS)(pattern)
    else:
        expected.hopeless += 1
        row["pattern"] = chance.choice(_HOPELESS)
    return row
