"""Runs of cors_import, as the tests of commands want them."""

import io

import pytest
from django.core.management import CommandError, call_command


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
