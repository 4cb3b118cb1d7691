"""The processor's time of this process and of its database, which other jobs affect far less."""

import time
from pathlib import Path


class Processor:
    """A clock that runs while this process works, or a database works for its connection.

    The two take turns, so it tells how long something takes if nobody else wants the processor.
    """

    def __init__(self) -> None:
        from django.db import connection  # noqa: PLC0415 (Django must be set up)

        self._database: Path | None = None  # SQLite works within this process
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                # The first number is how many nanoseconds a process has run.
                self._database = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def nanoseconds(self) -> int:
        """Return the time."""
        beside = int(self._database.read_text().split()[0]) if self._database else 0
        return beside + time.process_time_ns()
