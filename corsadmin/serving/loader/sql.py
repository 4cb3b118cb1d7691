"""The statements that read the stored policies: a thousand tenants or more in one row.

Why the database joins them: docs/decisions/small-steps.md.

All statements read ranges of tenants: `{chosen}` says which tenants of a range, `{range}` which rows;
`%(since)s` is the known generation, `%(first)s` and `%(last)s` are the range.
"""

from typing import Final

from corsadmin.engine.packing import LINE, SECTION

# A load waits for the interpreter after each row, and the process keeps the memory of large rows.
MAX_ROW_TENANTS: Final = {"postgresql": 2_500, "sqlite": 1_000, "others": 1_000}
GROUP: Final = "\x1d"  # separates the texts of two tenants

ACTIVE: Final = "is_active"
STAMPED: Final = "generation > %(since)s"
RANGE: Final = "tenant_id BETWEEN %(first)s AND %(last)s"
STAMPED_RANGE: Final = (
    "tenant_id BETWEEN %(first)s AND %(last)s"
    " AND tenant_id IN (SELECT id FROM corsadmin_tenant WHERE generation > %(since)s)"
)

# The first and last key of each range; a range of one tenant gives its key once.
RANGES: Final = (
    "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS total"
    " FROM corsadmin_tenant WHERE {chosen}) numbered"
    " WHERE place %% {part} IN (0, 1) OR place = total ORDER BY place"
)

# `{plain}`: one origin, at any time and on every path, that passes the gate if it is well-formed.
# Only well-formed origins are looked up, so the prefixes match no other host.
PLAIN_CONDITION: Final = (
    "(scope = '' AND valid_from IS NULL AND valid_until IS NULL AND pattern NOT LIKE '%%*%%'"
    " AND (pattern LIKE 'https:%%' OR pattern LIKE 'http:%%') AND pattern NOT LIKE '%%xn--%%'"
    " AND (NOT credentials OR risk_accepted OR pattern NOT LIKE 'http:%%'"
    " OR pattern = 'http://localhost' OR pattern LIKE 'http://localhost:%%'))"
)

# A moment in seconds if SQL can compute it, otherwise the stored text: a converter would raise for
# one bad row and keep all others from being read.
MOMENT: Final = {
    "postgresql": "EXTRACT(EPOCH FROM {0})::float8",
    "sqlite": "CAST({0} AS TEXT)",
}


def complete(statement: str, vendor: str, *, full: bool) -> str:
    """Return a statement for one kind of database, about all tenants or the stamped ones."""
    moment = MOMENT.get(vendor, "{0}")
    words = {
        "valid_from": moment.format("valid_from"),
        "valid_until": moment.format("valid_until"),
        "until": moment.format("emergency.until"),
        "plain": PLAIN_CONDITION,
        "chosen": ACTIVE if full else STAMPED,
        "range": RANGE if full else STAMPED_RANGE,
        "part": str(MAX_ROW_TENANTS.get(vendor, MAX_ROW_TENANTS["others"])),
    }
    for name, word in words.items():
        statement = statement.replace(f"{{{name}}}", word)
    return statement


# Emergencies are few, so every change reads them all.
STOPS: Final = (
    "SELECT slug, level, {until} FROM corsadmin_emergency emergency"
    " JOIN corsadmin_tenant ON corsadmin_tenant.id = tenant_id"
)

# One row of a range -----------------------------------------------------------------------------

_RULE: Final = (
    "path, methods{text}, request_headers{text}, exposed_headers{text}, exclusive, any_origin,"
    " credentials, max_age, refuse_unlisted"
)
_OTHER: Final = "pattern, credentials, risk_accepted, scope, {valid_from}, {valid_until}"
_LITERALS: Final = (
    "coalesce({join}(pattern, {line}) FILTER (WHERE plain AND NOT credentials), '')"
    " || coalesce({section} || {join}(pattern, {line}) FILTER (WHERE plain AND credentials), '')"
    " AS texts,"
    " count(*) FILTER (WHERE plain AND NOT credentials) AS plain,"
    " count(*) FILTER (WHERE plain AND credentials) AS special"
)
_HOSTS: Final = "{join}(host, {line}) AS texts, count(*) AS plain"
_ORIGINS: Final = "SELECT *, {plain} AS plain FROM corsadmin_origin WHERE enabled AND <of>"
# PostgreSQL scans the origins of a tenant once; SQLite is faster when it scans them twice. OFFSET
# keeps PostgreSQL from evaluating the condition as often as `plain` is named.
_ONCE: Final = {
    "literals": (
        _LITERALS + ", {others} FILTER (WHERE NOT plain) AS others",
        f"({_ORIGINS} OFFSET 0) entry",
    ),
}
_TWICE: Final = {
    "literals": (
        _LITERALS.replace("plain AND ", ""),
        "corsadmin_origin WHERE enabled AND {plain} AND <of>",
    ),
    "grants": ("{others} AS others", "corsadmin_origin WHERE enabled AND NOT {plain} AND <of>"),
}
_SUBQUERIES: Final = {
    "hosts": (_HOSTS, "corsadmin_tenanthost WHERE <of>"),
    "rules": ("{rules} AS texts", "corsadmin_pathrule WHERE enabled AND <of>"),
}
# The number of tenants; their keys, slugs, path rules ("x" for an inactive tenant), hosts, literals
# and allowances; and how many lines and sections there must be if no stored text has a separator.
_ROW: Final = (
    "SELECT count(*), {join}(tenant.id{text}, {group}), {join}(slug, {group}),"
    " {join}((CASE WHEN NOT is_active THEN 'x' WHEN inherits_platform THEN '1' ELSE '0' END)"
    " || coalesce(rules.texts{text}, ''), {group}),"
    " {join}(coalesce(hosts.texts, ''), {group}), {join}(coalesce(literals.texts, ''), {group}),"
    " {join}(coalesce(others{text}, ''), {group}),"
    " coalesce(sum(hosts.plain - 1) FILTER (WHERE hosts.plain > 0), 0),"
    " coalesce(sum(literals.plain - 1) FILTER (WHERE literals.plain > 0), 0)"
    " + coalesce(sum(literals.special - 1) FILTER (WHERE literals.special > 0), 0),"
    " count(*) FILTER (WHERE literals.special > 0)"
    " FROM corsadmin_tenant tenant {subqueries}"
    " WHERE {chosen} AND tenant.id BETWEEN %(first)s AND %(last)s"
)


def _joined(
    words: dict[str, str], origins: dict[str, tuple[str, str]], subquery: str, of: str
) -> str:
    words |= {
        name: words["character"].format(ord(character))
        for name, character in (("line", LINE), ("section", SECTION), ("group", GROUP))
    }
    words["rules"] = words["array"].format(_RULE.format(**words))
    words["others"] = words["array"].format(_OTHER)
    subqueries = [
        subquery.replace("<name>", name).replace("<what>", what).replace("<where>", where)
        for name, (what, where) in (_SUBQUERIES | origins).items()
    ]
    statement = _ROW.replace("{subqueries}", " ".join(subqueries)).replace("<of>", of)
    for name, word in words.items():
        statement = statement.replace(f"{{{name}}}", word)
    return statement


JOINED: Final = {
    "postgresql": _joined(
        {
            "join": "string_agg",
            "character": "chr({0})",
            "text": "::text",
            "array": "json_agg(json_build_array({0}))",
        },
        _ONCE,
        # Makes the planner look up each tenant's rows, whatever its statistics say.
        "CROSS JOIN LATERAL (SELECT <what> FROM <where>) <name>",
        of="tenant_id = tenant.id",
    ),
    "sqlite": _joined(
        {
            "join": "group_concat",
            "character": "char({0})",
            "text": "",
            "array": "json_group_array(json_array({0}))",
        },
        _TWICE,
        "LEFT JOIN (SELECT tenant_id, <what> FROM <where> GROUP BY tenant_id) <name>"
        " ON <name>.tenant_id = tenant.id",
        of="{range}",
    ),
}

# All ranges in one result: while Python works on one row, the database joins the next.
STREAMED: Final = (
    "SELECT span.first, span.last, joined.* FROM (SELECT min(id) AS first, max(id) AS last"
    " FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / {part} AS part"
    " FROM corsadmin_tenant WHERE {chosen}) numbered GROUP BY part) span"
    " CROSS JOIN LATERAL ({joined}) joined"
).replace(
    "{joined}",
    JOINED["postgresql"].replace("%(first)s", "span.first").replace("%(last)s", "span.last"),
)

# The rows of a range ----------------------------------------------------------------------------

TENANTS: Final = (
    "SELECT id, slug, inherits_platform, is_active FROM corsadmin_tenant"
    " WHERE {chosen} AND id BETWEEN %(first)s AND %(last)s"
)
HOSTS: Final = "SELECT tenant_id, host FROM corsadmin_tenanthost WHERE {range} ORDER BY host"
RULES: Final = (
    "SELECT tenant_id, path, methods, request_headers, exposed_headers, exclusive, any_origin,"
    " credentials, max_age, refuse_unlisted FROM corsadmin_pathrule WHERE enabled AND {range}"
)
PLAIN: Final = (
    "SELECT tenant_id, pattern, credentials FROM corsadmin_origin"
    " WHERE enabled AND {plain} AND {range} ORDER BY pattern"
)
OTHERS: Final = (
    "SELECT tenant_id, pattern, credentials, risk_accepted, scope, {valid_from}, {valid_until}"
    " FROM corsadmin_origin WHERE enabled AND NOT {plain} AND {range} ORDER BY pattern, scope"
)
