"""Make the changes that an explanation lists, and ask again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from corsadmin.diagnose.explain import Explanation, explain
from corsadmin.models import Tenant

DAY = timedelta(days=1)
OVER = datetime(2020, 1, 1, tzinfo=UTC)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)
NEW = "https://new.example"
HTTP = "http://shop.example"
PUT: dict[str, Any] = {"method": "PUT", "headers": {"X-Request-Id": "1"}}


def kinds(found: Explanation) -> list[str]:
    return [str(remedy.kind) for remedy in found.mending.remedies]


def save(found: Explanation) -> None:
    """Write the changes as a form does: each row through the gate."""
    for row in sorted(found.mending.rows, key=lambda row: not isinstance(row, Tenant)):
        row.full_clean()
        row.save()


def asked_again(found: Explanation, **values: Any) -> Explanation:
    """Ask the same as the page asks after the changes that it must make itself."""
    for remedy in found.mending.remedies:
        values |= {} if remedy.question is None else {"base": remedy.question}
    return explain(replace(values.pop("base", found.question), **values))
