"""What is wrong with a file, each fault with its place, a sentence and what to write instead."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from corsadmin.engine.problems import Problem
from corsadmin.messages import describe, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import Promise

MAX_SHOWN: Final = 120  # characters of a value in a message

# The codes of faults that only a file can have; the others are the engine's.
SENTENCES: Final[dict[str, "Promise"]] = {
    "callers-affected": _("%(value)s Say why with --reason."),
    "cannot-be-added": _("%(value)s"),
    "cell-count": _("This row has %(value)s."),
    "cell-formula": _("A formula is not a value: %(value)s."),
    "cell-error": _("“%(value)s” is a spreadsheet error, not a value."),
    "cell-number": _(
        "“%(value)s” is a number in the workbook, so leading zeros are lost. Write it as text."
    ),
    "changed-meanwhile": _(
        "The policies have changed since this plan was made: the database is at "
        "generation %(value)s."
    ),
    "column-open": _("The column “%(value)s” can mean more than one thing: say which."),
    "column-unknown": _("There is no column “%(value)s”."),
    "date-either": _(
        "“%(value)s” can have the day first or the month first. Write it like 2027-01-31, or say which "
        "comes first."
    ),
    "duplicate": _("The file contains this twice, first at %(value)s."),
    "duplicate-key": _("The key “%(value)s” appears twice in one object."),
    "host-taken": _("This host belongs to the tenant “%(value)s”, which the file does not name."),
    "key-missing": _("The key “%(value)s” is missing."),
    "key-unknown": _("There is no key “%(value)s” here."),
    "moment-invalid": _("“%(value)s” is not a date and time like 2027-01-31T00:00:00Z."),
    "moment-out-of-range": _(
        "“%(value)s” is not in a year from 2 to 9998. To set no limit, leave it out."
    ),
    "moment-without-zone": _("“%(value)s” has no time zone."),
    "not-permitted": _("You may not do this: %(value)s."),
    "opening-not-permitted": _(
        "%(value)s This requires the permission corsadmin.allow_any_origin."
    ),
    "reason-missing": _("This accepts a risk: say why with --reason."),
    "sheet-open": _("More than one sheet holds origins: %(value)s. Say which."),
    "sheet-unknown": _("There is no sheet “%(value)s”."),
    "tenant-name-shared": _("More than one tenant has the name “%(value)s”: write its slug."),
    "tenant-not-in-file": _("The file has no tenant “%(value)s”."),
    "tenant-rejected": _("The tenant “%(value)s” itself was rejected."),
    "tenant-unknown": _("There is no tenant “%(value)s”, and this format cannot create one."),
    "text-cut": _("“%(value)s” may be cut off."),
    "text-wrapped": _("“%(value)s” is a link that a mail filter rewrote."),
    "text-defanged": _("“%(value)s” is defanged: written so that it is not a link."),
    "text-either": _("The text does not say whether “%(value)s” is an origin or a host of an API."),
    "text-host": _("The text calls “%(value)s” a host, and only origins are imported from a text."),
    "text-misspelled": _("The scheme of “%(value)s” looks misspelled."),
    "text-reference": _(
        "“%(value)s” looks like a link to a ticket or to a page that explains something."
    ),
    "text-signature": _("“%(value)s” is part of a signature."),
    "text-too-long": _("The text is too long: %(value)s."),
    "text-unstorable": _("The text holds a character that cannot be stored: %(value)s."),
    "text-unwanted": _("The text seems to ask for the removal of “%(value)s”."),
    "too-many-problems": _("There are more than %(value)s problems. The rest was not read."),
    "unreadable": _("The file cannot be read: %(value)s."),
    "version-unknown": _("This is version %(value)s of the format; only 1 is known."),
    "wrong-type": _("%(value)s."),
}
FILE_CODES: Final = frozenset(SENTENCES)


class TransferError(Exception):
    """A file or a plan is refused; carries every fault."""

    def __init__(self, faults: "Sequence[Fault]") -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place of a file, in words. `suggestion` may be blank.

    `at` is the field of the entry and, within a list, the index; the field is blank for none.
    `tenant` is whose entry it is, because nobody likes to count up to tenants[137]; blank for none.
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
    """Return a fault of this module's own codes. `value` goes into the sentence as it is."""
    sentence = str(SENTENCES[code]) % {"value": value}
    if suggestion:
        sentence += " " + str(_("Write %(suggestion)s.")) % {"suggestion": suggestion}
    return Fault(place, code, str(value), sentence, suggestion, at)


def fault_of(problem: Problem, place: str, at: tuple[str, int | None] = ("", None)) -> Fault:
    """Return one of the engine's problems as a fault at a place."""
    value, sentence = file_value(problem.value), describe(problem)
    return Fault(place, problem.code, value, sentence, problem.suggestion, at)


def file_value(value: object) -> str:
    """Return any value of a file so that it can be printed: short, and on one line."""
    text = printable(value if isinstance(value, str) else repr(value))
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
