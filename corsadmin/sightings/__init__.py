"""What callers really did: recorded beside requests, looked at by a thread, kept in tables."""

__all__ = ["flush"]


def flush() -> None:
    """Drain and write all that this process holds, now: for tests and scripts.

    It uses this thread's connection. What cannot be written is forgotten and counted, as ever.
    """
    from corsadmin.sightings.process import process_sightings  # noqa: PLC0415 (Django must be ready)

    process_sightings.flush()
