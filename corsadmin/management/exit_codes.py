"""End a command with one sentence when it is refused or interrupted, or when its output fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.management.base import CommandError, OutputWrapper
from django.db import DatabaseError

from corsadmin.management.report import Screen
from corsadmin.transfer.plan.apply import applied_as
from corsadmin.transfer.records.diagnostics import TransferError

INTERRUPTED = 130  # as a shell reports Ctrl-C
UNREAD = "The output pipe is closed."


@contextmanager
def in_sentences(screen: Screen, out: OutputWrapper) -> Iterator[None]:
    """Turn what may end an import into CommandError, which says whether the plan was applied."""
    try:
        yield
    except TransferError as error:
        screen.refuse(error.faults)
    except DatabaseError as error:
        reason = " ".join(str(error).split()).rstrip(".")
        message = f"The database failed: {reason}. {_what_became_of(screen)}"
        raise CommandError(message) from None
    except KeyboardInterrupt:
        message = f"Interrupted. {_what_became_of(screen)}"
        raise CommandError(message, returncode=INTERRUPTED) from None
    except OSError as error:
        abandon(out)
        message = f"{_unwritten(error)} {_what_became_of(screen)}"
        raise CommandError(message) from None


@contextmanager
def printed(out: OutputWrapper, returncode: int = 1) -> Iterator[None]:
    """Turn a failed output, such as a closed pipe or a full disk, into CommandError."""
    try:
        try:
            yield
        finally:
            # Otherwise Python would notice only when it exits.
            out.flush()
    except OSError as error:
        abandon(out)
        raise CommandError(_unwritten(error), returncode=returncode) from None


def _unwritten(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return UNREAD
    return f"The output cannot be written: {error.strerror}."


def abandon(out: OutputWrapper) -> None:
    """Discard buffered output, which would fail again when Python exits."""
    # A stream that is not the process's own may have no file descriptor.
    with suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 (a device)
        os.dup2(nowhere.fileno(), out.fileno())


def _what_became_of(screen: Screen) -> str:
    try:
        made = applied_as(screen.plan) if screen.plan else None
    except DatabaseError:
        return "The result is unknown: run with --dry-run to check."
    return f"It was applied as generation {made}." if made else "Nothing was written."
