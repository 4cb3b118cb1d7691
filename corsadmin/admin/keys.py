"""Recognize texts that can be database keys."""

from typing import Final

MAX_KEY_DIGITS: Final = 18


def is_key(text: str) -> bool:
    """Report whether a text is a number that can be a database key."""
    return text.isascii() and text.isdecimal() and len(text) <= MAX_KEY_DIGITS
