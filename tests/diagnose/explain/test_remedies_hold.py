"""Whatever is stored: the changes that are listed pass the gate, and the call is allowed after them."""

import random
from datetime import UTC, datetime

import pytest
from django.db import transaction

from corsadmin.diagnose.explain import Question, explain
from corsadmin.diagnose.explain.remedies import MAX_REMEDIES
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from tests.diagnose.explain.mending import asked_again, save
from tests.serving.enforcement import METHODS, NAMES, PATHS, PATTERNS

pytestmark = pytest.mark.django_db

HOST = "acme.example.net"
PAGES = (
    "https://app.example.com", "https://a.example.com", "http://localhost:3000", "app://-",
    "http://shop.example", "null", "https://app.example.com/", f"https://{HOST}",
)  # fmt: skip
CALLED = ("/", "/api/", "/api/x", "/api/x/1", "/o//x", "/t/acme/x", "/./x", "/ä x", "/o?x=1#y")
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"X-A": "1"},
    {"Authorization": "x", "Content-Type": "text/xml"},
)
WORLDS = 5  # of each seed
MOMENTS = (None, None, datetime(2020, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC))


def maybe(rng: random.Random, share: float = 0.5) -> bool:
    return rng.random() < share


def fill(rng: random.Random, tenant: Tenant) -> None:
    """Give a tenant rows, some of which the gate would refuse."""
    for path in rng.sample(PATHS[:-1], rng.randrange(4)):
        is_open = maybe(rng, 0.1)
        PathRule.objects.create(
            tenant=tenant,
            path=path,
            enabled=maybe(rng, 0.8),
            methods=rng.choice([["GET"], ["PUT"], ["*"], ["put"]]),
            request_headers=rng.choice(NAMES),
            exposed_headers=rng.choice([[], [], ["*"]]),
            any_origin=is_open,
            credentials=not is_open and maybe(rng),
            exclusive=not is_open and maybe(rng, 0.2),
        )
    taken = set()
    for _number in range(rng.randrange(4)):
        pattern = rng.choice([*PATTERNS[:-1], *PAGES[:4]])
        scope = rng.choice(["", "", "/api/", "/api/x", "/other/"])
        if (pattern, scope) not in taken:
            taken.add((pattern, scope))
            Origin.objects.create(
                tenant=tenant,
                pattern=pattern,
                scope=scope,
                enabled=maybe(rng, 0.7),
                credentials=maybe(rng),
                valid_until=rng.choice(MOMENTS),
            )


def question(rng: random.Random) -> Question:
    return Question(
        host=rng.choice([HOST, HOST, HOST, "new.example.net", "evil.example"]),
        path=rng.choice(CALLED),
        origin=rng.choice(PAGES),
        method=rng.choice([*METHODS, "TRACE"]),
        headers=rng.choice(HEADERS),
        scheme=rng.choice(["https", "http"]),
        credentials=maybe(rng),
        tenant=rng.choice(["acme", "acme", "nobody"]),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_what_is_listed_is_enough_and_touches_no_other_tenant(seed: int) -> None:
    rng = random.Random(seed)
    platform = Tenant.objects.platform()
    for _number in range(WORLDS):
        with transaction.atomic():
            acme = Tenant.objects.create(
                slug="acme", inherits_platform=maybe(rng, 0.8), is_active=maybe(rng, 0.8)
            )
            TenantHost.objects.create(tenant=acme, host=HOST)
            fill(rng, platform)
            fill(rng, acme)
            asked = question(rng)

            found = explain(asked)

            mending = found.mending
            assert len(mending.remedies) < MAX_REMEDIES, asked
            assert mending.is_sufficient or mending.remedies[-1].is_end, asked
            assert {getattr(row, "tenant", row) for row in mending.rows} <= {acme}, asked
            save(found)
            # Nobody has served the page elsewhere or changed the settings meanwhile.
            is_elsewhere = asked.origin == "null" or asked.host == "evil.example"
            assert asked_again(found).allowed or is_elsewhere or not mending.is_sufficient, asked
            transaction.set_rollback(True)
