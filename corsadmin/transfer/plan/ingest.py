"""Take in the entries of a file: check them, mend or reject them, stage the rest."""

from collections.abc import Iterable

from corsadmin.transfer.formats.json_writer import written_object
from corsadmin.transfer.formats.rejects import MAX_REJECTS, Rejects
from corsadmin.transfer.plan.autofix import Fix, autofix, correction
from corsadmin.transfer.plan.choices import Choices
from corsadmin.transfer.plan.staging import Stage, StagedFault, temporary
from corsadmin.transfer.records.check import Record, check_entry
from corsadmin.transfer.records.diagnostics import Fault, TransferError, fault
from corsadmin.transfer.records.record_types import TENANT, Kind


class Intake:
    """Takes in entries. `rejects` holds those that are left out; any `faults` refuse the file."""

    def __init__(self, stage: Stage, choices: Choices) -> None:
        self._stage = stage
        self._choices = choices
        self.faults: list[Fault] = []
        self.fixes: list[Fix] = []
        self.rejects = Rejects()
        self._renamed: dict[str, str] = {}

    def take(self, entries: Iterable[Record | Fault]) -> None:
        """Take in all entries of a file. Raises TransferError if there are too many faults."""
        for entry in entries:
            if isinstance(entry, Fault):
                # The frame of the file is broken, so what should have been there is unknown.
                self.faults.append(entry)
            else:
                self._take(entry)
            self._check_count()
        self._stage.finish()
        for before, after in self._renamed.items():
            self._stage.rename(before, after)
        self.take_back(self._stage.repeated())
        if self._choices.skip_invalid and TENANT in self._stage.kinds:
            self._take_back_orphans()

    def take_back(self, found: Iterable[StagedFault]) -> None:
        """Reject rows that are staged already, or refuse the file because of them."""
        rows: dict[tuple[Kind, int], list[Fault]] = {}
        for staged in found:
            if self._choices.skip_invalid:
                rows.setdefault((staged.kind, staged.number), []).append(staged.fault)
            else:
                self.faults.append(staged.fault)
                self._check_count()
        for (kind, number), faults in rows.items():
            place, tenant, written = self._stage.withdraw(kind, number)
            self.rejects.add(Record(kind, tenant, place, written), faults)

    def complete(self) -> None:
        """Give `rejects` the tenants that its rows belong to."""
        stage = self._stage
        if TENANT not in stage.kinds:
            return
        names = ", ".join(stage.name(name) for name in TENANT.names)
        query = f"SELECT place, missing, {names} FROM {stage.name(temporary('staged', TENANT))}"
        owners = self.rejects.owners()
        for place, missing, *stored in stage.rows(query) if owners else ():
            if place in owners:
                row = stage.row(TENANT, stored)
                self.rejects.tenants[place] = written_object(TENANT, row, missing)

    def _check_count(self) -> None:
        if len(self.faults) > self._choices.bounds.problems:
            limit = fault("", "too-many-problems", f"{self._choices.bounds.problems:,}")
            raise TransferError([*self.faults[: self._choices.bounds.problems], limit])
        if len(self.rejects.entries) > MAX_REJECTS:
            raise TransferError([fault("", "too-many-problems", f"{MAX_REJECTS:,}")])

    def _take(self, entry: Record) -> None:
        checked = check_entry(entry, whole=self._choices.whole)
        found = [one.of(entry.tenant) for one in checked.faults]
        if found and (
            self._choices.fix or any(correction(fault) in self._choices.accepted for fault in found)
        ):
            mended = autofix(entry, found, whole=self._choices.whole)
            if mended:
                before, (entry, checked, fixes) = entry.tenant, mended
                self.fixes.extend(fixes)
                if entry.kind is TENANT and entry.tenant != before:
                    self._renamed[before] = entry.tenant
                found = []
        if not found:
            self._stage.add(entry.kind, entry.tenant, entry.place, checked)
        elif self._choices.skip_invalid:
            self.rejects.add(entry, found)
        else:
            self.faults.extend(found)

    def _take_back_orphans(self) -> None:
        """Reject the rows of rejected tenants, even if another tenant has the same slug."""
        stage = self._stage
        tenants = stage.name(temporary("staged", TENANT))
        for kind in stage.kinds:
            if kind is TENANT:
                continue
            # NOT EXISTS, because with NOT IN PostgreSQL searches a long list anew for each row.
            rows = stage.rows(
                "SELECT s.number, s.place, s.tenant"
                f" FROM {stage.name(temporary('staged', kind))} s"
                f" WHERE NOT EXISTS (SELECT 1 FROM {tenants} n WHERE n.slug = s.tenant AND"
                " n.place = SUBSTR(s.place, 1, LENGTH(n.place))"
                " AND SUBSTR(s.place, LENGTH(n.place) + 1, 1) = '.')"
                " ORDER BY s.number"
            )
            self.take_back(
                StagedFault(kind, number, fault(place, "tenant-rejected", slug))
                for number, place, slug in list(rows)
            )
