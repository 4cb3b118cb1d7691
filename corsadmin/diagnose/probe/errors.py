"""What keeps a probe from being made."""


class ProbeError(Exception):
    """Carries a code, and one sentence for the person who asked."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
