"""Fill a database with sightings and judge changes with and without them; in a process of its own."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.processor import Processor

if TYPE_CHECKING:
    from corsadmin.proposed_change import ProposedChange

REFUSED: Final = 500
SAMPLES: Final = 20
USES: Final = 480  # of entries: with the others 1,000 sightings of the largest tenant
PAGE: Final = "https://admin.example.com"

# One use of each entry, one rule and one refused origin of each tenant, and those of the largest.
_FILL: Final = (
    """
INSERT INTO corsadmin_entryseen (entry_id, first_day, last_day, calls, earlier)
SELECT id, current_date - 30, current_date - (id % 10)::int, id % 1000, 100 FROM corsadmin_origin
WHERE tenant_id <> {large} OR id IN (
    SELECT id FROM corsadmin_origin WHERE tenant_id = {large} ORDER BY id LIMIT {uses})""",
    """
INSERT INTO corsadmin_rulenames (digest, tenant_id, rule, first_day, last_day, methods,
                                 request_headers)
SELECT gen_random_uuid(), tenant_id, path, current_date - 30, current_date, '["PUT"]',
       '["authorization"]' FROM corsadmin_pathrule""",
    """
INSERT INTO corsadmin_sighting (digest, tenant_id, rule, origin, reason, is_kin, hours, calls,
                                preflights, first_seen, last_seen, methods, request_headers)
SELECT gen_random_uuid(), t.id, '/api/', 'https://refused-' || n || '.example', 'origin-not-listed',
       false, 1, 5, 5, now() - interval '3 days', now(), '["PUT"]', '["x-a"]'
FROM corsadmin_tenant t,
     generate_series(1, CASE WHEN t.id = {large} THEN {refused} ELSE 1 END) AS n""",
    """
INSERT INTO corsadmin_sighting (digest, tenant_id, rule, origin, reason, is_kin, hours, calls,
                                preflights, first_seen, last_seen, methods, request_headers)
SELECT gen_random_uuid(), {large}, '/api/', 'https://x' || n || '.customer-1000.example.org', 'allowed',
       true, 1, 5, 0, now() - interval '3 days', now(), '[]', '[]'
FROM generate_series(1, {samples}) AS n""",
    "VACUUM ANALYZE",
)


def main() -> None:
    """Do `TENANTS TURNS`: print for each kind of change what the impact adds, and the ratio."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 (Django must be set up)
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    from benchmarks import admin_dataset, timing  # noqa: PLC0415
    from corsadmin.proposed_change.consequences import find_consequences  # noqa: PLC0415

    tenants, turns = map(int, sys.argv[1:])
    call_command("migrate", verbosity=0, skip_checks=True)
    admin_dataset.fill(tenants)
    fill(admin_dataset.FIRST)
    written = {**getattr(settings, "CORSADMIN", {})}
    without = override_settings(CORSADMIN={**written, "SIGHTINGS": False})

    def judge(change: "ProposedChange") -> None:
        find_consequences(change, PAGE)

    def judge_without(change: "ProposedChange") -> None:
        with without:
            find_consequences(change, PAGE)

    clock = Processor()
    for name, change in changes(admin_dataset.FIRST):
        sides: Any = {
            "with": (judge, lambda change=change: [change]),
            "nothing": (judge_without, lambda change=change: [change]),
        }
        figures = timing.side_by_side(sides, turns, clock.nanoseconds)
        # The fastest run counts: the others also measure what else the machine does.
        fastest, least = min(figures["with"]), min(figures["nothing"])
        added, ratio = (fastest - least) / 1_000, fastest / least
        sys.stdout.write(json.dumps([name, added, ratio]) + "\n")


def fill(large: int) -> None:
    """Add what was seen."""
    from django.db import connection  # noqa: PLC0415 (Django must be set up)

    given = {"large": large, "uses": USES, "refused": REFUSED, "samples": SAMPLES}
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement.format(**given))


def changes(large: int) -> Iterator[tuple[str, "ProposedChange"]]:
    """Yield changes of the largest tenant, of a small one and of the platform."""
    from corsadmin.models import Origin, PathRule, Tenant  # noqa: PLC0415 (Django must be set up)
    from corsadmin.proposed_change import ProposedChange  # noqa: PLC0415

    wildcard = Origin(tenant_id=large, pattern="https://*.example")
    rule = PathRule.objects.get(tenant=large, path="/api/")
    rule.path = "/api/v2/"
    entries = Origin.objects.filter(tenant=large)
    platform = Tenant.objects.platform()
    yield "a wildcard added to the largest tenant", ProposedChange.from_rows([wildcard])
    yield "a path rule of the largest tenant moved", ProposedChange.from_rows([rule])
    yield "all entries of the largest tenant deleted", ProposedChange.from_deletes(entries)
    small = Origin.objects.filter(tenant=large + 1)
    yield "all entries of a small tenant deleted", ProposedChange.from_deletes(small)
    entry = Origin(tenant=platform, pattern="https://refused-1.example")
    yield "an entry for all 100,000 tenants", ProposedChange.from_rows([entry])


if __name__ == "__main__":
    main()
