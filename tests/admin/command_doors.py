"""Every command that acts for a user: what it is given, and all that it says."""

import io
from pathlib import Path

from django.core.management import CommandError, call_command, get_commands, load_command_class

from corsadmin.transfer.audit.registry import SUBJECTS
from tests.admin.doors import undone

# What a command that acts for a user is given beside its name.
ORIGIN = ["https://new.example", "--tenant", "acme"]
COMMANDS = {
    "cors_allow": lambda file: [[*ORIGIN, "--no-end"], [*ORIGIN, "--days=3", "--format=json"]],
    "cors_audit": lambda file: [
        *([subject] for subject in SUBJECTS),
        *([subject, "--tenant", "acme"] for subject in SUBJECTS),
        ["origins", "--having", "no-reason"],
    ],
    "cors_emergency": lambda file: [
        ["status"],
        *([action, "--tenant", "acme", "--reason=x"] for action in ("status", "on", "off")),
    ],
    "cors_export": lambda file: [[], ["--tenant", "acme"], ["--tenant", "acme", "--format", "csv"]],
    "cors_import": lambda file: [[file, "--dry-run"], [file, "--dry-run", "--prune"], [file]],
    "cors_revoke": lambda file: [ORIGIN, [*ORIGIN, "--format", "json"]],
    "cors_sync": lambda file: [[file, "--dry-run"], [file, "--check"]],
}


def commands():
    """Return the names of the app's commands that act for a user."""
    names = [name for name, app in get_commands().items() if app == "corsadmin"]
    return sorted(
        name
        for name in names
        if "--user" in load_command_class("corsadmin", name).create_parser("", name).format_help()
    )


def run(name, arguments, user):
    """Return all that a command says in the name of a user."""
    out, errors = io.StringIO(), io.StringIO()
    with undone():
        try:
            call_command(name, *arguments, "--user", user.username, stdout=out, stderr=errors)
        except CommandError as error:
            errors.write(str(error))
    return out.getvalue() + errors.getvalue()


def saved(folder, text):
    """Return the name of a file with a text."""
    path = Path(folder) / "policies.json"
    path.write_text(text)
    return str(path)
