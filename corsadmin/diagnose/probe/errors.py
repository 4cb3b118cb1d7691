"""What keeps a probe or a browser from going on."""


class ProbeError(Exception):
    """Carries a code, and one sentence for the person who asked."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class RedirectBlockedError(Exception):
    """Says in a sentence why no browser follows a redirect."""
