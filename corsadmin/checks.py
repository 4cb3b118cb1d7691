"""What can be known to be wrong before a request comes."""


def register() -> None:
    """Register the system checks."""
