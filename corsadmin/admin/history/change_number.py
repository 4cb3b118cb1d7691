"""The number of a change: its moment in digits, for people to quote and addresses to contain."""

import re
from datetime import UTC, datetime
from typing import Final

from corsadmin.models.database import stored_moment
from corsadmin.models.validation import is_showable

_FORMAT: Final = "%Y%m%d-%H%M%S-%f"
_SHAPE: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{6}")


def change_number(moment: datetime) -> str:
    """Return the number of the change made at a moment."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def moment_of_number(text: str) -> datetime | None:
    """Return the moment of a change's number as it is stored, or None if the text is not a number."""
    if not _SHAPE.fullmatch(text):
        return None
    try:
        moment = datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return stored_moment(moment) if is_showable(moment) else None
