"""Read the moment of `--until`."""

from datetime import datetime

from django.core.management.base import CommandError

from corsadmin.management.arguments import USAGE
from corsadmin.models.database import stored_moment
from corsadmin.transfer.records.coerce import WrongValueError, read_moment
from corsadmin.transfer.records.diagnostics import fault


def read_end(text: str | None) -> datetime | None:
    """Return a moment as rows store it, naive on a site without time zones; None for None.

    Raises CommandError for a text that is not a moment with a time zone.
    """
    try:
        moment = read_moment(text)
    except WrongValueError as error:
        found = fault("", error.code, error.value, error.suggestion)
        raise CommandError(f"--until: {found}", returncode=USAGE) from None
    return None if moment is None else stored_moment(moment)
