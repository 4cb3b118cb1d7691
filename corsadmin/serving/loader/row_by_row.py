"""Read tenants row by row: where a database cannot join text, or a stored one holds a separator."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from corsadmin.engine import packing
from corsadmin.serving.loader import sql
from corsadmin.serving.loader.columns import GONE, Columns
from corsadmin.serving.loader.database import Reader
from corsadmin.serving.loader.entries import Allowances, rules_blob_of_rows


def read_row_by_row(reader: Reader, of: tuple[int, int], allowances: Allowances) -> Columns:
    """Return the tenants of a range."""
    hosts, rules, plain, others = (
        _by_tenant(reader.rows(statement, of))
        for statement in (sql.HOSTS, sql.RULES, sql.PLAIN, sql.OTHERS)
    )
    columns: tuple[list[Any], ...] = ([], [], [], [], [], [])
    for key, slug, inherits, is_active in reader.rows(sql.TENANTS, of):
        texts = (
            key,
            slug,
            rules_blob_of_rows(rules[key], inherits=bool(inherits)) if is_active else GONE,
            _lines(host for (host,) in hosts[key]),
            packing.join_literals(
                _lines(pattern for pattern, credentials in plain[key] if not credentials),
                _lines(pattern for pattern, credentials in plain[key] if credentials),
            ),
            allowances.of_rows(others[key]),
        )
        for column, text in zip(columns, texts, strict=True):
            column.append(text)
    return Columns(*columns)


def _by_tenant(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for key, *rest in rows:
        found[key].append(tuple(rest))
    return found


def _lines(texts: Iterable[Any]) -> str:
    return packing.LINE.join(text for text in texts if isinstance(text, str) and text.isprintable())
