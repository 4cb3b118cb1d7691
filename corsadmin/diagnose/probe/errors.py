"""What keeps a probe or a browser from going on."""

from typing import Final

# What a person may ask for to get past an error, by the error's code.
_OPTIONS: Final = {"address-private": "allow_private"}


class ProbeError(Exception):
    """Carries a code, and one sentence for the person who asked.

    `option` names the field of a ProbeRequest that would let the probe go on, blank for none.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.option = _OPTIONS.get(code, "")


class RedirectBlockedError(Exception):
    """Says in a sentence why no browser follows a redirect."""
