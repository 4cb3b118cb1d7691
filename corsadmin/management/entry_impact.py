"""Find which callers of the last days a pipeline's command breaks or lets in."""

from corsadmin.models import Origin, Tenant
from corsadmin.models.access import CALLERS, Access
from corsadmin.models.pipeline_entries import Refusal, RefusedError
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.transfer.report import impact_report


class EntryImpact:
    """Compares the entry that a command is about to store or delete with what was seen.

    If callers are affected, a command that acts for a user needs a reason; one that acts for nobody
    only reports them. `lines` and `report` are empty if no caller is affected.
    """

    def __init__(self, access: Access | None, reason: str) -> None:
        self._access = access
        self._reason = reason
        self.lines: list[str] = []
        self.report: list[dict[str, object]] = []

    def judge(self, stored: Origin | None, deleted: Origin | None) -> None:
        """Judge one entry. Raises RefusedError if a reason is missing."""
        stores, deletes = ([row] if row else [] for row in (stored, deleted))
        found = find_consequences(ProposedChange.from_rows(stores, deletes), None).impact
        access = self._access
        named = access.seen(*CALLERS) if access else None
        self.lines = impact_sentences(
            found, seen=access.seen(Tenant) if access else None, named=named
        )
        self.report = [
            {"tenant": one.slug, **impact_report(one.impact, counts_all=named is None)}
            for one in found.tenants
            if named is None or one.tenant in named
        ]
        if access and not self._reason.strip():
            self._refuse()

    def _refuse(self) -> None:
        refusals = [
            Refusal("callers-affected", f"{line} Say why with --reason.") for line in self.lines
        ]
        if refusals:
            raise RefusedError(*refusals)
