"""What is wrong with a file: faults, each with its place, a sentence and a suggestion."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from corsadmin.engine.problems import Problem
from corsadmin.messages import describe, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import Promise

MAX_SHOWN: Final = 120  # characters of a value in a message

# The codes of faults that only a file can have. All other codes are the engine's.
SENTENCES: Final[dict[str, "Promise"]] = {
    "callers-affected": _("%(value)s Say why with --reason."),
    "cannot-be-added": _("%(value)s"),
    "cell-count": _("This row has %(value)s."),
    "cell-formula": _("“%(value)s” is a formula, not a value."),
    "cell-error": _("“%(value)s” is a spreadsheet error, not a value."),
    "cell-number": _(
        "“%(value)s” is a number in the workbook, so leading zeros are lost. Write it as text."
    ),
    "changed-meanwhile": _(
        "The policies have changed since this plan was made: the database is at "
        "generation %(value)s."
    ),
    "column-missing": _("No column is recognized as “%(value)s”. Say which column it is."),
    "column-open": _("The column “%(value)s” has more than one possible meaning. Choose one."),
    "column-unknown": _("There is no column “%(value)s”."),
    "date-either": _(
        "“%(value)s” can have the day first or the month first. Write it like 2027-01-31, or say which "
        "comes first."
    ),
    "duplicate": _("The file contains this more than once, first at %(value)s."),
    "duplicate-key": _("The key “%(value)s” appears twice in one object."),
    "host-taken": _("This host belongs to the tenant “%(value)s”, which the file does not name."),
    "key-missing": _("The key “%(value)s” is missing."),
    "key-unknown": _("The key “%(value)s” is not known here."),
    "moment-invalid": _("“%(value)s” is not a date and time like 2027-01-31T00:00:00Z."),
    "moment-out-of-range": _(
        "“%(value)s” is outside the years 2 to 9998. To set no limit, leave it out."
    ),
    "moment-without-zone": _("“%(value)s” has no time zone."),
    "not-permitted": _("You do not have permission to do this: %(value)s."),
    "opening-not-permitted": _(
        "%(value)s This requires the permission corsadmin.allow_any_origin."
    ),
    "reason-missing": _("This accepts a risk: say why with --reason."),
    "sheet-open": _("More than one sheet contains origins: %(value)s. Choose one."),
    "sheet-unknown": _("There is no sheet “%(value)s”."),
    "tenant-name-shared": _(
        "More than one tenant has the name “%(value)s”. Write the slug instead."
    ),
    "tenant-not-in-file": _("The file has no tenant “%(value)s”."),
    "tenant-rejected": _("The tenant “%(value)s” itself was rejected."),
    "tenant-unknown": _("There is no tenant “%(value)s”, and this format cannot create one."),
    "text-cut": _("“%(value)s” may be cut off."),
    "text-wrapped": _("“%(value)s” is a link that a mail filter rewrote."),
    "text-defanged": _("“%(value)s” is defanged: written so that it is not a link."),
    "text-either": _("The text does not say whether “%(value)s” is an origin or a host of an API."),
    "text-host": _(
        "The text calls “%(value)s” a host, but an import of a text takes origins only."
    ),
    "text-misspelled": _("The scheme of “%(value)s” looks misspelled."),
    "text-reference": _("“%(value)s” looks like a link to a ticket or to documentation."),
    "text-signature": _("“%(value)s” is part of a signature."),
    "text-too-long": _("The text is too long: %(value)s."),
    "text-unstorable": _(
        "The text contains a character that the database cannot store: %(value)s."
    ),
    "text-unwanted": _("The text seems to ask for the removal of “%(value)s”."),
    "too-many-problems": _(
        "The file has more than %(value)s problems. The rest of it was not read."
    ),
    "unreadable": _("The file cannot be read: %(value)s."),
    "version-unknown": _(
        "The file has version %(value)s of the format. Only version 1 is supported."
    ),
    "wrong-type": _("%(value)s."),
}
FILE_CODES: Final = frozenset(SENTENCES)


class TransferError(Exception):
    """A file or a plan is refused, because of the `faults`."""

    def __init__(self, faults: "Sequence[Fault]") -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place of a file, in words. `suggestion` may be blank.

    `at` is the field of the entry, blank for none, and its index if the place is within a list.
    `tenant` is the slug of the entry's tenant, to spare people counting up to tenants[137]; blank for
    none.
    """

    place: str
    code: str
    value: str
    sentence: str
    suggestion: str = ""
    at: tuple[str, int | None] = ("", None)
    tenant: str = ""

    def __str__(self) -> str:
        whose = f" ({self.tenant})" if self.tenant else ""
        return f"{self.place}{whose}: {self.sentence}" if self.place else self.sentence

    def of(self, tenant: str) -> "Fault":
        """Return the fault of an entry of this tenant."""
        return replace(self, tenant=file_value(tenant))


def fault(
    place: str,
    code: str,
    value: object = "",
    suggestion: str = "",
    at: tuple[str, int | None] = ("", None),
) -> Fault:
    """Return a fault with one of the codes of SENTENCES. `value` fills the sentence unchanged."""
    sentence = str(SENTENCES[code]) % {"value": value}
    if suggestion:
        sentence += " " + str(_("Write %(suggestion)s.")) % {"suggestion": suggestion}
    return Fault(place, code, str(value), sentence, suggestion, at)


def fault_of(problem: Problem, place: str, at: tuple[str, int | None] = ("", None)) -> Fault:
    """Return one of the engine's problems as a fault at a place."""
    value, sentence = file_value(problem.value), describe(problem)
    return Fault(place, problem.code, value, sentence, problem.suggestion, at)


def file_value(value: object) -> str:
    """Return any value of a file as a short printable text on one line."""
    text = printable(value if isinstance(value, str) else repr(value))
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
