"""What a command line may hold: text, but for names of files, which may be any bytes."""

from collections.abc import Mapping
from typing import Final

from django.core.management.base import CommandError

from corsadmin.messages import shown

USAGE: Final = 2
# Names of files, and an argument that is checked closer than this.
_OTHERS: Final = frozenset({"file", "files", "output", "rejects", "convert", "pythonpath", "url"})


def refuse_bytes(options: Mapping[str, object]) -> None:
    """Raise CommandError for an option whose bytes are no UTF-8: no database takes such a text."""
    for name in sorted(options.keys() - _OTHERS):
        value = options[name]
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and any("\ud800" <= sign <= "\udfff" for sign in text):
                message = f"--{name.replace('_', '-')} '{shown(text)}': write it in UTF-8."
                raise CommandError(message, returncode=USAGE)
