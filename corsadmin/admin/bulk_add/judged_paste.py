"""A judged paste: its finds after all decisions, what its buttons add, and the marked text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corsadmin.admin.bulk_add.forms import PasteForm
from corsadmin.admin.bulk_add.judging import RIGHT, Judge, PastedFind, place_of
from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.transfer.free_text.finds import TextLine

ALL: Final = "all"
MAX_SHOWN_LINES: Final = 300  # of the text with its finds marked
MAX_OPEN_LINES: Final = 40  # a longer text is folded away
MAX_SHOWN_LINE: Final = 500  # characters


@dataclass(frozen=True, slots=True)
class JudgedPaste:
    """The finds of a paste after the user's decisions, and with all corrections applied as well."""

    finds: list[PastedFind]
    corrected: list[PastedFind]

    @classmethod
    def of(cls, form: PasteForm, tenant: Tenant) -> "JudgedPaste":
        """Return what each find of a valid form becomes in a tenant, which may be unsaved."""
        judge = Judge(form, tenant)
        decided = form.cleaned_data["decided"]
        finds = [*judge.judged(decided)]
        corrections = {one.correction for one in finds} - {""}
        return cls(finds, [*judge.judged(decided | corrections)] if corrections else finds)

    @property
    def corrections(self) -> int:
        """The number of finds that have a correction."""
        return sum(bool(one.correction) for one in self.finds)

    @property
    def told(self) -> list[object]:
        """What a preview shows about the finds, as plain values."""
        return [(one.text, one.state, one.becomes) for one in (*self.finds, *self.corrected)]


def right_rows(finds: Sequence[PastedFind]) -> list[Origin | TenantHost]:
    """Return the rows that can be added."""
    return [one.row for one in finds if one.state == RIGHT and one.row is not None]


def take_decision(form: PasteForm, tenant: Tenant, what: str) -> None:
    """Record one decision, which replaces any other about the same find, or all corrections."""
    decided = form.cleaned_data["decided"]
    finds = JudgedPaste.of(form, tenant).finds
    new = {one.correction for one in finds} - {""} if what == ALL else {what}
    places = {place_of(decision) for decision in new}
    kept = {decision for decision in decided if place_of(decision) not in places}
    form.cleaned_data["decided"] = frozenset(kept | new)


def rows_in_words(rows: Sequence[Origin | TenantHost]) -> str:
    """Return how many origins and hosts there are, in words; blank for none."""
    hosts = sum(isinstance(row, TenantHost) for row in rows)
    origins = len(rows) - hosts
    parts = []
    if origins:
        parts.append(
            ngettext("%(count)d origin", "%(count)d origins", origins) % {"count": origins}
        )
    if hosts:
        parts.append(ngettext("%(count)d host", "%(count)d hosts", hosts) % {"count": hosts})
    if origins and hosts:
        return _("%(origins)s and %(hosts)s") % {"origins": parts[0], "hosts": parts[1]}
    return "".join(parts)


def marked_text(read: Sequence[TextLine]) -> dict[str, object]:
    """Return the lines that the page shows of the text, with their finds marked."""
    shown = read[:MAX_SHOWN_LINES]
    return {
        "lines": [
            [(text[:MAX_SHOWN_LINE], is_find) for text, is_find in line.pieces()] for line in shown
        ],
        "left": len(read) - len(shown),
        "is_open": len(read) <= MAX_OPEN_LINES,
    }
