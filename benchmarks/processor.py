"""The processor's time of this process and of its database, which other jobs hardly affect."""

import time
from pathlib import Path


class Processor:
    """A clock that runs while this process works, or PostgreSQL works for its connection.

    The two take turns, so it tells how long something takes if nobody else wants the processor.
    """

    def __init__(self) -> None:
        from django.db import connection  # noqa: PLC0415 (Django must be set up)

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            # The first number is how many nanoseconds a process has run.
            self._database = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def nanoseconds(self) -> int:
        """Return the time."""
        return int(self._database.read_text().split()[0]) + time.process_time_ns()
