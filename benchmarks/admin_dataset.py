"""Fill PostgreSQL as a site of some years has it: uneven tenants, odd entries, long histories."""

from typing import Any, Final

from django.db import connection

import corsadmin
from corsadmin.models import Origin, PathRule, Tenant, TenantHost

FIRST: Final = 1_000  # the key of the first tenant, which holds much more than the others
LARGE: Final = 5_000  # its origins
STAFF: Final = 1_000  # users, each a member of many tenants
EACH: Final = 10  # origins of every other tenant

_COUNTED: Final = "generate_series(%(first)s, %(last)s) AS i"
_DAYS: Final = "now() - (%(last)s - i) * interval '1 minute'"

_TENANTS: Final = f"""
INSERT INTO corsadmin_tenant (id, slug, name, is_active, inherits_platform, note, generation,
                              created, modified)
SELECT i, 'customer-' || i, 'Customer ' || i || ' Inc.', i %% 50 <> 1, i %% 20 <> 0,
       CASE WHEN i %% 3 = 0 THEN 'contract ' || i * 7 ELSE '' END, 0, {_DAYS}, {_DAYS}
FROM {_COUNTED}"""

_HOSTS: Final = f"""
INSERT INTO corsadmin_tenanthost (tenant_id, host, created, modified)
SELECT i, 'customer-' || i || '.api.example.net', {_DAYS}, {_DAYS} FROM {_COUNTED}"""

_RULES: Final = f"""
INSERT INTO corsadmin_pathrule (tenant_id, path, methods, request_headers, exposed_headers, enabled,
                                any_origin, credentials, refuse_unlisted, max_age, note,
                                created, modified)
SELECT i, path, '["GET", "POST", "PUT"]', '["authorization", "content-type"]', '[]', i %% 40 <> 0,
       i %% 500 = 0, i %% 500 <> 0 AND i %% 2 = 0, i %% 7 = 0, 600, '', {_DAYS}, {_DAYS}
FROM {_COUNTED}, unnest(ARRAY['/api/', '/public/']) AS path"""

_ORIGINS: Final = f"""
INSERT INTO corsadmin_origin (tenant_id, pattern, credentials, enabled, scope, valid_from,
                              valid_until, risk_accepted, note, created, modified)
SELECT i, CASE WHEN n = 1 AND i %% 3 = 0 THEN 'http://localhost:3000'
               WHEN n = 2 AND i %% 20 = 0 THEN 'https://*.customer-' || i || '.example.org'
               WHEN n = 3 AND i %% 200 = 0 THEN 'http://plain.customer-' || i || '.example.com'
               WHEN n = 0 THEN 'https://app.customer-' || i || '.example.com'
               ELSE 'https://' || md5(i::text)::char(6) || '-' || n || '.customer-' || i || '.com'
          END,
       (i + n) %% 5 < 3, (i + n) %% 50 <> 0, CASE WHEN n = 4 THEN '/api/' ELSE '' END,
       CASE WHEN (i + n) %% 100 = 1 THEN now() + (i %% 60 - 58) * interval '1 day' END,
       CASE WHEN (i + n) %% 20 = 1 THEN now() + (2 + i %% 545) * interval '1 day' END,
       n = 3 AND i %% 200 = 0,
       CASE WHEN (i + n) %% 3 = 0 THEN 'OPS-' || i * 3 + n || ' asked for by the web team' ELSE '' END,
       {_DAYS}, {_DAYS} + (n * 37 + i * 13) %% 700 * interval '1 hour' * (n %% 2)
FROM {_COUNTED}, generate_series(0, CASE WHEN i = %(first)s THEN {LARGE} ELSE {EACH} END - 1) AS n
ORDER BY i, n"""

_ENDED: Final = """
UPDATE corsadmin_origin SET valid_until = now() - id % 300 * interval '1 day', valid_from = NULL
WHERE id % 97 = 0"""

_MEMBERS: Final = f"""
INSERT INTO corsadmin_tenantmember (tenant_id, user_id, role, created, modified)
SELECT i, u.id, CASE WHEN i %% 2 = 0 THEN 'editor' ELSE 'viewer' END, {_DAYS}, {_DAYS}
FROM {_COUNTED} JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM auth_user
                      WHERE username LIKE 'staff-%%') u ON u.place = i %% {STAFF} + 1"""

_STAFF: Final = f"""
INSERT INTO auth_user (username, password, first_name, last_name, email, is_staff, is_active,
                       is_superuser, date_joined)
SELECT 'staff-' || i, '!', '', '', '', true, true, false, now()
FROM generate_series(1, {STAFF}) AS i"""

# Every tenant was called in this hour, and every tenth in each of the 47 before: they are written
# hour by hour.
_TRAFFIC: Final = f"""
INSERT INTO corsadmin_traffic (digest, tenant_id, outcome, hour, calls, preflights)
SELECT md5(i || outcome || h)::uuid, i, outcome,
       date_trunc('hour', now()) - h * interval '1 hour', 1 + (i + h) %% 90, h %% 5
FROM {_COUNTED}, unnest(ARRAY['allowed', 'origin-not-listed']) AS outcome,
     generate_series(0, 47) AS h
WHERE i %% 10 = 0 OR h = 0 ORDER BY h DESC, i"""

_SIGHTINGS: Final = f"""
INSERT INTO corsadmin_sighting (digest, tenant_id, rule, origin, reason, is_kin, hours, calls,
                                preflights, first_seen, last_seen, methods, request_headers)
SELECT md5(i || ' ' || n)::uuid, i, '/api/', 'https://new-' || n || '.customer-' || i || '.com',
       'origin-not-listed', n = 0, 1 + n, 5 * n, n, now() - n * interval '9 hours', now(), '[]', '[]'
FROM {_COUNTED}, generate_series(0, 9) AS n
WHERE i %% 10 = 0"""


def fill(tenants: int) -> None:
    """Add tenants, ten origins each but for the first one, and what goes with them."""
    span = {"first": FIRST, "last": FIRST + tenants - 1}
    with connection.cursor() as cursor:
        for statement in (
            *(_STAFF, _TENANTS, _HOSTS, _RULES, _ORIGINS, _ENDED, _MEMBERS),
            *(_TRAFFIC, _SIGHTINGS),
        ):
            cursor.execute(statement, span if "%(" in statement else None)
        for model in (Tenant, TenantHost, PathRule, Origin):
            cursor.execute(_added(model))
            cursor.execute(_changed(model))
        cursor.execute("VACUUM ANALYZE")
    corsadmin.announce()


def _added(model: Any) -> str:
    """Return what records that every row was added."""
    return _recorded(model, "'+'", "created", "TRUE")


def _changed(model: Any) -> str:
    """Return what records that every fifth row was changed since."""
    return _recorded(model, "'~'", "modified", "id % 5 = 0")


def _recorded(model: Any, kind: str, moment: str, condition: str) -> str:
    history = model.history.model
    own = {field.attname for field in model._meta.concrete_fields}
    kept = [field.attname for field in history._meta.concrete_fields if field.attname in own]
    columns = ", ".join(kept)
    return (
        f"INSERT INTO {history._meta.db_table} ({columns}, history_type, history_date,"
        f" history_change_reason) SELECT {columns}, {kind}, {moment}, 'OPS-' || id"
        f" FROM {model._meta.db_table} WHERE {condition} ORDER BY id"
    )
