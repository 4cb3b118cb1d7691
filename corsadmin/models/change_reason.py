"""The reason for a write, as the history keeps it."""

from typing import Final

from simple_history.models import HistoricalRecords

# Stored, so not translated; the history finds these changes by it.
UNDONE: Final = "Undo of change "
RESTORED: Final = "Put back as it was before "
IMPORTED: Final = "Import"


def reason_with(what: str, given: str | None) -> str:
    """Return the reason to store: what was done, and the reason that the user gave."""
    return f"{what}: {given}" if given else what


def given_reason(row: object) -> str | None:
    """Return the reason of the row, or else of the request, so that cascades have one too."""
    request = getattr(HistoricalRecords.context, "request", None)
    found: str | None = getattr(row, "_change_reason", None)
    return found or getattr(request, "corsadmin_reason", None)
