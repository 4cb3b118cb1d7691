"""Import and export from Python values, as the tests want it."""

import io
import json
from typing import Any

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.models.counter import current_generation
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.formats.json_writer import write_json
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.records.diagnostics import Fault, TransferError
from corsadmin.transfer.report import count_lines, plan_lines

APP = {"pattern": "https://app.acme.example", "credentials": True, "note": "OPS-12"}
API = {"path": "/api/", "methods": ["GET"], "max_age": 600}


def counter():
    """Return the stored generation, with all that is known of it."""
    return current_generation("default")


def document(*tenants, version=1):
    """Return an interchange document with these tenants."""
    return {"version": version, "tenants": list(tenants)}


def acme(**keys):
    """Return the tenant acme as a file has it."""
    return {"slug": "acme", **keys}


def as_file(content):
    """Return a document, a text or bytes as an open file."""
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    return io.BytesIO(content.encode() if isinstance(content, str) else content)


def run_import(content, *, dry_run=False, signature=None, **choices):
    """Import a document and return (the lines of its plan, the generation made or None)."""
    return apply_file(content, None if dry_run else signature or Signature(), **choices)


def apply_file(content, signature, **choices):
    """Import a file of any format; without a signature only look at its plan."""
    with plan_import(as_file(content), Choices(**choices)) as found:
        lines = [line.strip() for line in plan_lines(found.plan, None)]
        assert len(list(count_lines(found.plan))) == 1 + len(found.plan.counts)
        return lines, apply_plan(found.plan, signature) if signature else None


def faults_of(content: Any, **choices: Any) -> list[tuple[str, str]]:
    """Return the faults for which a document is refused, as (place, code)."""
    faults: tuple[Fault, ...] = ()
    try:
        with plan_import(as_file(content), Choices(**choices)):
            pass
    except TransferError as error:
        faults = error.faults
    assert all(fault.sentence and "%(" not in fault.sentence for fault in faults)
    return [(fault.place, fault.code) for fault in faults]


def export(slugs=None):
    """Return the stored policies as the text of a file."""
    return "".join(write_json(read_tenants(slugs)))


def stored():
    """Return everything that is stored, with the primary keys."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Tenant, TenantHost, Origin, PathRule)
    ]
