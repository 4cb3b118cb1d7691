"""Revoke the entry that a pipeline has made for an origin."""

from typing import ClassVar

from corsadmin.management.entry_command import EntryCommand
from corsadmin.models.pipeline_entries import (
    ABSENT,
    DISABLED,
    REVOKED,
    EntryKey,
    EntryOutcome,
    Pipeline,
    revoke_origin,
)


class Command(EntryCommand):
    help = (
        "Delete the entry that cors_allow made for one origin. It touches only entries that a "
        "pipeline of the same name made. Revoking an entry that does not exist succeeds."
    )
    examples = """
examples:
  manage.py cors_revoke --tenant acme --user acme-ci -- "$PREVIEW_ORIGIN"
  manage.py cors_revoke https://app.acme.example --tenant acme --as release --format json

exit status: 0 revoked, or not there, 1 refused (nothing was written), 2 wrong usage
"""
    sentences: ClassVar = {
        REVOKED: "Revoked %(origin)s in %(tenant)s.",
        ABSENT: "Nothing to do: %(origin)s in %(tenant)s has no entry.",
        DISABLED: "Nothing to do: %(origin)s in %(tenant)s is disabled. The entry stays.",
    }

    def read(self, options: dict[str, object]) -> None:
        """Return nothing: the command has no options of its own."""

    def carry_out(self, key: EntryKey, asked: None, pipeline: Pipeline) -> EntryOutcome:  # noqa: ARG002
        return revoke_origin(key, pipeline)
