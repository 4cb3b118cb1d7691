"""Check arguments: all but file names must be valid text, and requests must be possible."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from django.core.management.base import CommandError

from corsadmin.messages import shown

USAGE: Final = 2
Options: TypeAlias = dict[str, Any]  # only argparse knows the types of what it parsed
# Names of files, and an argument that another check covers.
_OTHERS: Final = frozenset({"file", "files", "output", "rejects", "convert", "pythonpath", "url"})
_EXAMPLES: Final = {
    "host": "write a host such as api.example.com",
    "path": "write a path such as /api/orders",
    "origin": "write an origin such as https://app.example.com",
    "method": "write a method such as POST",
    "header": "write it as 'Name: value'",
}


def refuse_unreadable(options: Mapping[str, object]) -> None:
    """Raise CommandError for an option that is `--`, or not valid UTF-8."""
    for name in sorted(options.keys() - _OTHERS):
        value = options[name]
        option = name.replace("_", "-")
        for text in value if isinstance(value, list) and value else [value]:
            if isinstance(text, str) and any("\ud800" <= sign <= "\udfff" for sign in text):
                _refuse(option, text, "write it in UTF-8")
            if text == []:  # what argparse makes of `--name=--` before Python 3.13
                _refuse(option, "--", "write a value")


def refuse_invalid(part: tuple[str, str] | None) -> None:
    """Raise CommandError for the invalid part of a request, given as name and text, if any."""
    if part is not None:
        name, text = part
        _refuse(name, text, _EXAMPLES[name])


def _refuse(name: str, text: str, instead: str) -> None:
    message = f"--{name} '{shown(text)}': {instead}."
    raise CommandError(message, returncode=USAGE)
