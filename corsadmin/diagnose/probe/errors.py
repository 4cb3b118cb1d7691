"""What keeps a probe from being made."""


class ProbeError(Exception):
    """Carries one sentence for the person who asked."""
