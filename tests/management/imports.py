"""Runs of cors_import, as the tests of commands want them."""

import io

import pytest
from django.core.management import CommandError, call_command

from tests.messages.screens import filled, pattern, text


def run(*arguments, **options):
    """Run the command and return what it printed."""
    out = io.StringIO()
    call_command("cors_import", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def refuse(*arguments, **options):
    """Run the command, which must fail, and return (its last sentence, its complaints)."""
    complaints = io.StringIO()
    with pytest.raises(CommandError) as raised:
        run(*arguments, stderr=complaints, **options)
    assert raised.value.returncode == 1
    return str(raised.value), complaints.getvalue()


def refused(problems):
    """Return the pattern of a last sentence that counts the problems."""
    number = f"{problems:,}"
    count = text("command-problem") if problems == 1 else filled("command-problems", number=number)
    return "^" + pattern("command-refused", count=count)
