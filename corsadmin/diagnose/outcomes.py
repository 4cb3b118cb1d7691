"""The three things that a diagnosis can say of a call."""

from enum import StrEnum


class CallOutcome(StrEnum):
    """What can be said of a call."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNDECIDED = "cannot-be-told"
