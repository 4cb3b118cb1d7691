"""What the history says of a change by itself, before the reason that a person gave."""

from typing import Final

# Stored, so the same in every language; the history finds these changes by it.
UNDONE: Final = "Undo of change "
RESTORED: Final = "Put back as it was before "


def reason_with(what: str, given: str | None) -> str:
    """Return the reason to be stored: what was done, and what its user says about it."""
    return f"{what}: {given}" if given else what
