"""Keep rejected rows and the reasons in a form that people can mend and import again."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from corsadmin.transfer.formats.columns import HEADING, TENANT_COLUMN
from corsadmin.transfer.formats.document import VERSION
from corsadmin.transfer.formats.tabular import cell_text
from corsadmin.transfer.formats.yaml_format import dump_yaml
from corsadmin.transfer.records.check import REMARKS, Record
from corsadmin.transfer.records.diagnostics import Fault
from corsadmin.transfer.records.record_types import HOST, TENANT

MAX_REJECTS: Final = 100_000  # all of them are in memory


@dataclass(slots=True)
class Rejects:
    """Rejected entries, each with its faults.

    `tenants` maps the places of valid tenants with rejected rows to their own keys. Places, because
    a slug may be in the file twice, be mended, or be missing.
    """

    entries: list[tuple[Record, Sequence[Fault]]] = field(default_factory=list)
    tenants: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, entry: Record, faults: Sequence[Fault]) -> None:
        """Keep an entry."""
        self.entries.append((entry, faults))

    def faults(self) -> Iterator[Fault]:
        """Yield why the entries were rejected."""
        for _entry, faults in self.entries:
            yield from faults

    def owners(self) -> set[str]:
        """Return the places of the tenants that the entries belong to."""
        return {owner_of(entry) for entry, _faults in self.entries}

    def document(self) -> dict[str, Any]:
        """Return the entries as an interchange document. Fill `tenants` first."""
        found: dict[str, dict[str, Any]] = {}
        remarks: dict[str, list[str]] = {}
        for entry, faults in self.entries:
            owner = owner_of(entry)
            tenant = found.setdefault(owner, dict(self.tenants.get(owner, {})))
            reasons = [str(fault) for fault in faults]
            if entry.kind is TENANT and isinstance(entry.written, dict):
                # Its lists may exist already, because its rows come before it.
                found[owner] = {**entry.written, **tenant}
            else:
                tenant.setdefault(entry.kind.section, []).append(_with_reasons(entry, reasons))
            if entry.kind in (TENANT, HOST):
                remarks.setdefault(owner, []).extend(reasons)
        tenants = [
            {REMARKS: remarks[owner], **tenant} if owner in remarks else tenant
            for owner, tenant in found.items()
        ]
        return {"version": VERSION, "tenants": tenants}


def owner_of(entry: Record) -> str:
    """Return the place of the tenant that an entry of a document belongs to: `tenants[3]`."""
    return entry.place if entry.kind is TENANT else entry.place.partition(".")[0]


def write_json_rejects(rejects: Rejects) -> Iterator[str]:
    """Yield the rejected entries as the text of a JSON document."""
    yield json.dumps(rejects.document(), ensure_ascii=False, indent=2) + "\n"


def write_yaml_rejects(rejects: Rejects) -> Iterator[str]:
    """Yield the rejected entries as the text of a YAML document."""
    yield dump_yaml(rejects.document())


def write_csv_rejects(rejects: Rejects) -> Iterator[str]:
    """Yield the rejected entries as the text of a CSV table, row by row to bound the memory."""
    # Leave out columns that the table did not have: on the next import they would change the rows.
    written = {name for entry, _faults in rejects.entries for name in entry.written}
    heading = [name for name in HEADING if name in written | {TENANT_COLUMN, "pattern"}]
    heading.append(REMARKS)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(heading)
    for entry, faults in rejects.entries:
        assert isinstance(entry.written, dict)  # rows of cells are
        values = {**entry.written, TENANT_COLUMN: entry.tenant, REMARKS: _joined(faults)}
        writer.writerow([cell_text(values.get(name)) for name in heading])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _with_reasons(entry: Record, reasons: list[str]) -> Any:
    return {REMARKS: reasons, **entry.written} if isinstance(entry.written, dict) else entry.written


def _joined(faults: Iterable[Fault]) -> str:
    return " ".join(fault.sentence for fault in faults)
