"""What a database may have for a key."""

from typing import Final

MAX_KEY_DIGITS: Final = 18


def is_key(text: str) -> bool:
    """Report whether a text is a number that a database may have for a key."""
    return text.isascii() and text.isdecimal() and len(text) <= MAX_KEY_DIGITS
