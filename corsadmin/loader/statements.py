"""The statements that read the stored policies, a tenant's rows in one where SQL can join text.

A million rows as Python objects take ten seconds and hold the interpreter; joined by the database
they take a third of one. Every statement yields tenants in ascending order of their key, so that
the streams can be walked side by side.
"""

from typing import Final

# All tenants, or those stamped since a generation: `{since}` is blank or the condition. A sum is
# in no index, so the few stamped ones are found by their stamp and sorted afterwards.
TENANTS: Final = (
    "SELECT id, slug, inherits_platform, is_active FROM corsadmin_tenant WHERE is_active"
    " ORDER BY id"
)
STAMPED_TENANTS: Final = (
    "SELECT id, slug, inherits_platform, is_active FROM corsadmin_tenant WHERE generation > %s"
    " ORDER BY id + 0"
)
SINCE: Final = " AND tenant_id IN (SELECT id FROM corsadmin_tenant WHERE generation > %s)"

RULES: Final = (
    "SELECT tenant_id, path, methods, request_headers, exposed_headers, any_origin, credentials,"
    " max_age, refuse_unlisted FROM corsadmin_pathrule WHERE enabled{since} ORDER BY tenant_id"
)

# What `{plain}` stands for: entries that are one origin, whenever and on every path, and that the
# gate lets pass if they are well-formed: of a usual scheme, no punycode that may be broken, and no
# risk that nobody accepted. Only well-formed origins are ever looked up, so the two prefixes
# cannot stand for any other host.
PLAIN_CONDITION: Final = (
    "(scope = '' AND valid_from IS NULL AND valid_until IS NULL AND pattern NOT LIKE '%%*%%'"
    " AND (pattern LIKE 'https:%%' OR pattern LIKE 'http:%%') AND pattern NOT LIKE '%%xn--%%'"
    " AND (NOT credentials OR risk_accepted OR pattern NOT LIKE 'http:%%'"
    " OR pattern = 'http://localhost' OR pattern LIKE 'http://localhost:%%'))"
)
OTHERS: Final = (
    "SELECT tenant_id, pattern, credentials, risk_accepted, scope, {valid_from}, {valid_until}"
    " FROM corsadmin_origin WHERE enabled AND NOT {plain}{since}"
    " ORDER BY tenant_id, pattern, scope"
)
# One tenant's, row by row.
PLAIN_OF_TENANT: Final = (
    "SELECT pattern, credentials FROM corsadmin_origin WHERE enabled AND {plain}"
    " AND tenant_id = %s ORDER BY pattern"
)
HOSTS_OF_TENANT: Final = "SELECT host FROM corsadmin_tenanthost WHERE tenant_id = %s ORDER BY host"

# A moment in seconds where SQL can say so, otherwise as the text that is stored: a converter
# would raise for one bad row and keep all the others from being read.
MOMENT: Final = {
    "postgresql": "EXTRACT(EPOCH FROM {0})::float8",
    "sqlite": "CAST({0} AS TEXT)",
}

HOSTS_JOINED: Final = {
    "postgresql": (
        "SELECT tenant_id, string_agg(host, chr(10) ORDER BY host), count(*)"
        " FROM corsadmin_tenanthost WHERE true{since} GROUP BY tenant_id ORDER BY tenant_id"
    ),
    "sqlite": (
        "SELECT tenant_id, group_concat(host, char(10)), count(*) FROM"
        " (SELECT tenant_id, host FROM corsadmin_tenanthost WHERE true{since}"
        " ORDER BY tenant_id, host) GROUP BY tenant_id ORDER BY tenant_id"
    ),
}
PLAIN_JOINED: Final = {
    "postgresql": (
        "SELECT tenant_id,"
        " string_agg(pattern, chr(10) ORDER BY pattern) FILTER (WHERE NOT credentials),"
        " count(*) FILTER (WHERE NOT credentials),"
        " string_agg(pattern, chr(10) ORDER BY pattern) FILTER (WHERE credentials),"
        " count(*) FILTER (WHERE credentials)"
        " FROM corsadmin_origin WHERE enabled AND {plain}{since}"
        " GROUP BY tenant_id ORDER BY tenant_id"
    ),
    "sqlite": (
        "SELECT tenant_id,"
        " group_concat(pattern, char(10)) FILTER (WHERE NOT credentials),"
        " count(*) FILTER (WHERE NOT credentials),"
        " group_concat(pattern, char(10)) FILTER (WHERE credentials),"
        " count(*) FILTER (WHERE credentials)"
        " FROM (SELECT tenant_id, pattern, credentials FROM corsadmin_origin"
        " WHERE enabled AND {plain}{since} ORDER BY tenant_id, pattern)"
        " GROUP BY tenant_id ORDER BY tenant_id"
    ),
}

# Where the database cannot join as these two do: the rows, to be joined here.
HOSTS: Final = (
    "SELECT tenant_id, host FROM corsadmin_tenanthost WHERE 1 = 1{since} ORDER BY tenant_id, host"
)
PLAIN: Final = (
    "SELECT tenant_id, pattern, credentials FROM corsadmin_origin WHERE enabled AND {plain}"
    "{since} ORDER BY tenant_id, pattern"
)
