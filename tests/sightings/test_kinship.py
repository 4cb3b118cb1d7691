"""Who is kin of a tenant: by the registrable domains of its hosts and entries, as the snapshot says."""

from typing import Any

import pytest

from corsadmin.engine import Snapshot
from corsadmin.engine.origins import domain_of, parse_origin
from corsadmin.engine.packing import Allowance, Packed
from corsadmin.sightings import kinship
from corsadmin.sightings.kinship import Kinship
from tests.engine.policies import PLAIN, changed, record, snapshot

ENTRIES = [
    "https://app.acme.co.uk",
    "https://*.acme.dev",
    "https://pr-*.previews.example",
    "https://acme.github.io",
    "https://s3.amazonaws.com",
    "http://localhost:3000",
    "https://203.0.113.7",
    "capacitor://localhost",
    "tauri://*",
]


class Clock:
    """Monotonic time that moves by itself, a step with each reading."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def acme(*patterns: str, **given: Any) -> Packed:
    found: Packed = record(origins=[(pattern, PLAIN) for pattern in patterns], **given)
    return found


def platform(*patterns: str) -> Packed:
    found: Packed = record(
        "platform", hosts=[], rules=(), origins=[(one, PLAIN) for one in patterns]
    )
    return found


def knowing(held: Snapshot, *slugs: str, clock: Clock | None = None) -> Kinship:
    found = Kinship(clock or Clock())
    found.follow(held, slugs or ("acme",), lambda: None)
    return found


def is_kin(found: Kinship, origin: str, slug: str = "acme") -> bool:
    parts = parse_origin(origin)
    assert parts is not None
    return found.of_tenant(slug)(parts)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        pytest.param("https://other.acme.co.uk", True, id="a sibling"),
        pytest.param("http://acme.co.uk:8080", True, id="the apex, of another scheme and port"),
        pytest.param("https://evil.co.uk", False, id="below the same public suffix"),
        pytest.param("https://co.uk", False, id="the public suffix"),
        pytest.param("https://notacme.co.uk", False, id="a longer label"),
        pytest.param("https://acme.co.uk.evil.example", False, id="the domain in front"),
        pytest.param("https://www.acme.dev", True, id="below a wildcard"),
        pytest.param("https://acme.dev", True, id="the apex of a wildcard"),
        pytest.param("https://x.previews.example", True, id="beside a label wildcard"),
        pytest.param("https://www.acme.github.io", True, id="below a private suffix"),
        pytest.param("https://evil.github.io", False, id="a neighbour below a private suffix"),
        pytest.param("https://evil.s3.amazonaws.com", False, id="a suffix below what is listed"),
        pytest.param("http://localhost:5173", True, id="another port of localhost"),
        pytest.param("http://app.localhost", True, id="a name of the same machine"),
        pytest.param("http://192.168.0.2", True, id="a private address"),
        pytest.param("http://[::1]:3000", True, id="the loopback address"),
        pytest.param("http://203.0.113.7:81", True, id="a port of an address"),
        pytest.param("http://8.8.8.8", False, id="another address"),
        pytest.param("capacitor://localhost", True, id="an application"),
        pytest.param("capacitor://other", False, id="another host of an application"),
        pytest.param("tauri://anything", True, id="any host of an application"),
        pytest.param("app://localhost", False, id="another application"),
        pytest.param("https://www.api-host.example", True, id="a sibling of a host"),
    ],
)
def test_kin_share_a_registrable_domain(origin: str, expected: bool) -> None:
    held = snapshot(acme(*ENTRIES, hosts=["acme.api-host.example"]))

    assert is_kin(knowing(held), origin) is expected


@pytest.mark.parametrize(
    ("scheme", "host", "domain"),
    [
        ("https", "a.b.example.com", "example.com"),
        ("https", "com", "com"),
        ("http", "127.0.0.1", "localhost"),
        ("http", "app.localhost", "localhost"),
        ("http", "[fd00::1]", "localhost"),
        ("http", "8.8.8.8", "8.8.8.8"),
        ("app", "a.b.c", "app://a.b.c"),
    ],
)
def test_the_domain_by_which_an_owner_is_known(scheme: str, host: str, domain: str) -> None:
    assert domain_of(scheme, host) == domain


def test_entries_with_conditions_count_too() -> None:
    held = snapshot(
        record(origins=[("https://app.acme.dev", Allowance(credentials=False, scope="/x"))])
    )

    assert is_kin(knowing(held), "https://other.acme.dev")


@pytest.mark.parametrize("inherits", [True, False])
def test_an_heir_has_what_the_platform_has(inherits: bool) -> None:
    held = snapshot(acme(inherits=inherits), platform("https://shared.example"))

    assert is_kin(knowing(held), "https://www.shared.example") is inherits


def test_the_platform_is_a_tenant_like_others() -> None:
    held = snapshot(platform("https://shared.example"))

    assert is_kin(knowing(held, "platform"), "https://www.shared.example", "platform")


def test_what_raw_sql_has_written_counts_for_nothing() -> None:
    held = snapshot(acme("not an origin", hosts=["", "no host"]))

    assert not is_kin(knowing(held), "https://evil.example")


@pytest.mark.parametrize("slug", ["acme", "gone"], ids=["not asked for", "not there"])
def test_an_unknown_tenant_has_no_kin(slug: str) -> None:
    found = knowing(snapshot(acme("https://app.acme.dev")), "gone")

    assert not is_kin(found, "https://app.acme.dev", slug)


def test_a_snapshot_that_finds_slugs_is_asked() -> None:
    held = snapshot(acme("https://app.acme.dev"))
    assert held.index.slugs

    found = knowing(held, "acme", "gone")

    assert is_kin(found, "https://acme.dev")
    assert not is_kin(found, "https://acme.dev", "gone")


def test_a_changed_tenant_is_looked_up_again() -> None:
    before = snapshot(acme("https://app.acme.dev"), record("other"))
    found = knowing(before, "acme", "other")
    after = changed(before, {1: acme("https://app.acme.example")})

    found.follow(after, ["other"], lambda: None)

    assert not is_kin(found, "https://acme.dev")
    assert is_kin(found, "https://www.acme.example")


def test_the_same_snapshot_is_not_read_again() -> None:
    held = snapshot(acme("https://app.acme.dev"))
    found = knowing(held)
    steps: list[None] = []

    found.follow(held, ["acme"], lambda: steps.append(None))

    assert steps == []


def test_a_look_up_that_took_long_is_not_repeated_soon() -> None:
    """Until then the kin of a new tenant is not known, and others keep theirs."""
    before = snapshot(
        acme("https://app.acme.dev"), record("new", origins=[("https://new.example", PLAIN)])
    )
    clock = Clock(step=0.1)
    found = knowing(before, clock=clock)
    after = changed(before, {1: acme()})

    found.follow(after, ["acme", "new"], lambda: None)
    assert is_kin(found, "https://acme.dev")
    assert not is_kin(found, "https://www.new.example", "new")

    clock.now += 1_000
    found.follow(after, ["acme", "new"], lambda: None)
    assert not is_kin(found, "https://acme.dev")
    assert is_kin(found, "https://www.new.example", "new")


def test_a_large_tenant_counts_with_its_first_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinship, "MAX_DOMAINS", 3)
    held = snapshot(acme(*(f"https://acme-{number}.example" for number in range(5)), hosts=[]))

    found = knowing(held)

    kin = [is_kin(found, f"https://www.acme-{number}.example") for number in range(5)]
    assert kin == [True, True, True, False, False]


@pytest.mark.parametrize(("bound", "value"), [("MAX_TENANTS", 1), ("MAX_DOMAINS", 3)])
def test_what_is_full_is_emptied(monkeypatch: pytest.MonkeyPatch, bound: str, value: int) -> None:
    monkeypatch.setattr(kinship, bound, value)
    held = snapshot(
        *(record(slug, origins=[(f"https://{slug}.example", PLAIN)]) for slug in ("one", "two"))
    )
    found = Kinship(Clock())

    for slug in ("one", "two"):
        found.follow(held, [slug], lambda: None)

    assert len(found._known) <= 2
    assert is_kin(found, "https://www.two.example", "two") or bound == "MAX_TENANTS"


def test_requests_beside_a_look_up_can_go_on() -> None:
    steps: list[None] = []

    Kinship(Clock()).follow(snapshot(acme()), ["acme"], lambda: steps.append(None))

    assert len(steps) >= 256
