"""Take a row of joined texts apart: some thousand tenants, each text holding one field of all."""

from datetime import tzinfo

from corsadmin.engine.packing import LINE, SECTION
from corsadmin.serving.loader.columns import Columns
from corsadmin.serving.loader.entries import Allowances, RulesBlobs
from corsadmin.serving.loader.sql import GROUP
from corsadmin.serving.loader.yielder import Yielder

# The number of tenants; keys, slugs, rules, hosts, literals and other entries; how often the
# separators of hosts, literals and their sections should be in them.
JoinedRow = tuple[int, str, str, str, str, str, str, int, int, int]


class JoinedTexts:
    """Splits the rows of one load, which repeat each other's path rules."""

    def __init__(self, yielder: Yielder, zone: tzinfo | None) -> None:
        self._yielder = yielder
        self._rules_blobs = RulesBlobs(yielder)
        self._allowances = Allowances(yielder, zone)

    def split(self, row: JoinedRow) -> Columns | None:
        """Return the tenants of a row, None where a stored text has torn it: read it row by row."""
        count, *texts, host_breaks, literal_breaks, sections = row
        if not count:
            return Columns([], [], [], [], [], [])
        # A stored text that holds a separator has been torn (docs/decisions/packed-tenants.md).
        # Any other text needs no check: only well-formed origins and hosts are looked up.
        fields = [self._fields(text) for text in texts]
        if (
            {count} != {*map(len, fields)}
            or self._count(texts[3], LINE) != host_breaks
            or self._count(texts[4], LINE) != literal_breaks
            or self._count(texts[4], SECTION) != sections
        ):
            return None
        keys, slugs, rules, hosts, literals, others = fields
        try:
            rules_blobs = [self._rules_blobs[raw] for raw in rules]
            self._yielder.step()
            allowances = [raw and self._allowances.of_array(raw) for raw in others]
            self._yielder.step()
        except ValueError:  # what should be a number is not
            return None
        return Columns(list(map(int, keys)), slugs, rules_blobs, hosts, literals, allowances)

    # Each takes a millisecond or two of a large text.

    def _count(self, text: str, separator: str) -> int:
        self._yielder.step()
        return text.count(separator)

    def _fields(self, text: str) -> list[str]:
        self._yielder.step()
        return text.split(GROUP)
