"""The three outcomes that a diagnosis can give a call."""

from enum import StrEnum


class CallOutcome(StrEnum):
    """Whether a call is allowed or blocked, or UNDECIDED if what is known does not decide it."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNDECIDED = "cannot-be-told"
