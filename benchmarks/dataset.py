"""Fill the tables with as many tenants as it takes, by SQL that every database understands."""

from typing import Final

from django.db import connection

import corsadmin

FIRST_KEY: Final = 1_000
_COUNT: Final = (
    "WITH RECURSIVE counted(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM counted"
    " WHERE i + 1 < {last})"
)
_TIMES: Final = "CURRENT_TIMESTAMP, CURRENT_TIMESTAMP"


_RULE_COLUMNS: Final = (
    "(tenant_id, path, methods, request_headers, exposed_headers, enabled, any_origin,"
    " credentials, refuse_unlisted, max_age, note, created, modified)"
)


def fill(tenants: int, origins_each: int) -> None:
    """Add tenants `tenant-0` and so on, each with a host and its origins.

    They inherit what the platform allows on /api/, which is added too.
    """
    first, last = FIRST_KEY, FIRST_KEY + tenants
    count = _COUNT.format(first=first, last=last)
    true, false = _booleans()
    _execute(
        f"INSERT INTO corsadmin_tenant (id, slug, name, is_active, inherits_platform, note,"
        f" generation, created, modified) {count} SELECT i, 'tenant-' || (i - {first}), '', {true},"
        f" {true}, '', 0, {_TIMES} FROM counted",
        f"INSERT INTO corsadmin_tenanthost (tenant_id, host, created, modified) {count}"
        f" SELECT i, 't' || (i - {first}) || '.example.net', {_TIMES} FROM counted",
        f"INSERT INTO corsadmin_pathrule {_RULE_COLUMNS} SELECT id, '/api/', {_rule()}"
        f" FROM corsadmin_tenant WHERE slug = 'platform'",
        f"INSERT INTO corsadmin_origin (tenant_id, pattern, credentials, enabled, scope,"
        f" risk_accepted, note, created, modified) {count}, each(n) AS (SELECT 0 UNION ALL"
        f" SELECT n + 1 FROM each WHERE n + 1 < {origins_each})"
        f" SELECT i, 'https://app-' || n || '.c' || (i - {first}) || '.example.com', {true},"
        f" {true}, '', {false}, '', {_TIMES} FROM counted, each",
    )


def add_rules() -> None:
    """Give every tenant a path rule of its own."""
    _execute(
        f"INSERT INTO corsadmin_pathrule {_RULE_COLUMNS} SELECT id, '/api/own/', {_rule()}"
        f" FROM corsadmin_tenant WHERE id >= {FIRST_KEY}"
    )


def _booleans() -> tuple[str, str]:
    return ("1", "0") if connection.vendor == "sqlite" else ("true", "false")


def _rule() -> str:
    true, false = _booleans()
    lists = "'[\"GET\",\"POST\"]', '[\"content-type\"]', '[]'"
    if connection.vendor == "postgresql":
        lists = lists.replace("'[", "jsonb '[")
    return f"{lists}, {true}, {false}, {true}, {false}, 600, '', {_TIMES}"


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    corsadmin.announce()
