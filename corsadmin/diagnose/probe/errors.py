"""What stops a probe or a browser."""

from typing import Final

# The option that lets a person get past an error, by the error's code.
_OPTIONS: Final = {"address-private": "allow_private"}


class ProbeError(Exception):
    """Why a probe cannot go on: a `code`, and one sentence for people.

    `option` names the field of a ProbeRequest that would let the probe go on, blank for none.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.option = _OPTIONS.get(code, "")


class RedirectBlockedError(Exception):
    """Why no browser follows a redirect, in one sentence for people."""
