"""A file passes the same gate as a row of the admin: same verdict, same codes, same sentences."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from corsadmin.messages import describe
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.transfer.records.check import Record, check_entry
from corsadmin.transfer.records.record_types import HOST, ORIGIN, PATH, TENANT

VECTORS = Path(__file__).parent.parent / "engine" / "vectors"
PATTERNS = [row["pattern"] for row in json.loads((VECTORS / "patterns.json").read_text())]

ROWS = [
    *((ORIGIN, Origin, {"pattern": pattern}) for pattern in PATTERNS),
    *((ORIGIN, Origin, {"pattern": pattern, "credentials": True}) for pattern in PATTERNS),
    *(
        (HOST, TenantHost, {"host": text})
        for text in ("a.example", "A.example", "*.a", "", "1.2.3")
    ),
    *((TENANT, Tenant, {"slug": text}) for text in ("acme", "Acme", "a_b", "-a", "x" * 64, "é")),
    *(
        (PATH, PathRule, {"path": "/api/", **keys})
        for keys in (
            {},
            {"path": "api"},
            {"path": "/a/../b"},
            {"methods": ["get", "TRACE"]},
            {"methods": ["*"], "credentials": True},
            {"exposed_headers": ["*"], "credentials": True},
            {"any_origin": True, "credentials": True},
            {"request_headers": ["Cookie", "a b"], "exposed_headers": ["set-cookie"]},
            {"max_age": 100_000},
        )
    ),
]


@pytest.mark.parametrize(
    ("kind", "model", "written"),
    [pytest.param(*row, id=f"{number} {row[0].name}") for number, row in enumerate(ROWS)],
)
def test_the_verdict_is_that_of_the_model(kind, model, written):
    entry = Record(kind, "acme", "here", written["host"] if kind is HOST else written)

    faults = check_entry(entry, whole=True).faults

    own = {"key-missing", "text-unstorable"}
    found = {(fault.code, fault.sentence) for fault in faults if fault.code not in own}
    assert found == expected(model(**written)) or own & {fault.code for fault in faults}


def expected(row):
    """Return the codes and sentences of the model's own gate."""
    try:
        row.clean()
    except ValidationError as error:
        return {
            (problem.code, describe((problem.params or {})["problem"]))
            for problems in error.error_dict.values()
            for problem in problems
        }
    return set()
