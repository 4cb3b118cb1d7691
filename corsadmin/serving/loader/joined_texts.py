"""Split a row of joined texts: each text has one field of some thousand tenants."""

from datetime import tzinfo

from corsadmin.engine.packing import LINE, SECTION
from corsadmin.serving.loader.columns import Columns
from corsadmin.serving.loader.entries import Allowances, RulesBlobs
from corsadmin.serving.loader.sql import GROUP
from corsadmin.serving.loader.yielder import Yielder

# The number of tenants; keys, slugs, rules, hosts, literals and other entries; how many separators
# of hosts, literals and their sections they should contain.
JoinedRow = tuple[int, str, str, str, str, str, str, int, int, int]


class JoinedTexts:
    """Splits the rows of one load, and packs equal path rules only once."""

    def __init__(self, yielder: Yielder, zone: tzinfo | None) -> None:
        self._yielder = yielder
        self._rules_blobs = RulesBlobs(yielder)
        self._allowances = Allowances(yielder, zone)

    def split(self, row: JoinedRow) -> Columns | None:
        """Return the tenants of a row, or None if a stored text has torn it."""
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
        except ValueError:  # something that should be a number is not
            return None
        return Columns(list(map(int, keys)), slugs, rules_blobs, hosts, literals, allowances)

    # Each of these takes a millisecond or two for a large text.

    def _count(self, text: str, separator: str) -> int:
        self._yielder.step()
        return text.count(separator)

    def _fields(self, text: str) -> list[str]:
        self._yielder.step()
        return text.split(GROUP)
