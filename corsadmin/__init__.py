"""CORS policies as change-controlled data for Django."""

__all__ = ["__version__", "announce", "refresh"]

__version__ = "0.1.0"


def refresh() -> None:
    """Bring this process up to date at once: read every stored policy again.

    For scripts, tests and code that has just written with raw SQL. Raises the database's error
    when the policies cannot be read; the policies in force stay as they were.
    """
    from corsadmin.serving.store import process_store  # noqa: PLC0415 (Django must be ready first)

    process_store.reload()


def announce(using: str | None = None) -> None:
    """Tell every process to read all policies again, for writes Django cannot see (raw SQL).

    Call it inside the transaction of the write. `using` is a database alias; the default is the
    database of the policies.
    """
    from corsadmin.models import generation  # noqa: PLC0415 (Django must be ready first)

    generation.reload_everything(using)
