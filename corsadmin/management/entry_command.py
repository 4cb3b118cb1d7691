"""The base of the commands of pipelines: how to name an entry, and how to report the result."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, ClassVar, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from corsadmin.management.acting_user import add_acting_user, find_user
from corsadmin.management.arguments import USAGE, refuse_unreadable
from corsadmin.management.entry_impact import EntryImpact
from corsadmin.management.exit_codes import printed
from corsadmin.management.json_output import to_json
from corsadmin.messages import shown
from corsadmin.models.pipeline_entries import EntryKey, EntryOutcome, Pipeline, RefusedError
from corsadmin.models.policies import MAX_PIPELINE_NAME
from corsadmin.transfer.records.coerce import plain

NAMELESS: Final = "command"  # the pipeline's name if neither --as nor --user gives one


class EntryCommand(BaseCommand, ABC):
    """A command that makes or deletes the entry of one origin."""

    examples: ClassVar[str]
    sentences: ClassVar[dict[str, str]]  # for each result, with %(origin)s, %(tenant)s, %(end)s

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = self.examples
        parser.add_argument(
            "origin",
            metavar="ORIGIN",
            help="one origin, such as https://pr-7.acme.dev; write -- before a variable",
        )
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="the tenant")
        parser.add_argument(
            "--scope",
            default="",
            metavar="PATH",
            help="the paths that the entry covers (default: all)",
        )
        parser.add_argument(
            "--as",
            dest="pipeline",
            metavar="NAME",
            help="the pipeline that the entry belongs to: only this one may renew or revoke it "
            f"(default: the name of --user, otherwise “{NAMELESS}”)",
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the history")
        add_acting_user(parser)
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *_args: object, **options: object) -> None:
        with printed(self.stdout):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do the work of `handle`."""
        refuse_unreadable(options)
        name = options["pipeline"] or options["user"] or NAMELESS
        if len(name) > MAX_PIPELINE_NAME or not name.isprintable():
            message = f"--as: write at most {MAX_PIPELINE_NAME} visible characters."
            raise CommandError(message, returncode=USAGE)
        key = EntryKey(tenant=options["tenant"], origin=options["origin"], scope=options["scope"])
        asked = self.read(options)
        _user, access = find_user(options["user"])
        found = EntryImpact(access, options["reason"])
        pipeline = Pipeline(name=name, access=access, reason=options["reason"], judge=found.judge)
        report: dict[str, Any] = {
            "tenant": key.tenant,
            "origin": key.origin,
            "scope": key.scope,
            "made_by": name,
        }
        is_json = options["format"] == "json"
        try:
            outcome = self.carry_out(key, asked, pipeline)
        except RefusedError as error:
            self._refuse(error, {**report, "impact": found.report}, is_json=is_json)
        except DatabaseError as error:
            reason = " ".join(str(error).split()).rstrip(".")
            message = f"The database failed: {reason}. You can safely run the command again."
            raise CommandError(message) from None
        else:
            if not is_json and options["verbosity"]:
                for line in found.lines:
                    self.stdout.write(f"  ! {line}")
            report["impact"] = found.report
            self._tell(outcome, report, options["verbosity"], is_json=is_json)

    @abstractmethod
    def read(self, options: dict[str, object]) -> Any:
        """Return the options of this command as a value. Raises CommandError for wrong usage."""

    @abstractmethod
    def carry_out(self, key: EntryKey, asked: Any, pipeline: Pipeline) -> EntryOutcome:
        """Carry out the command. May raise RefusedError."""

    def _tell(
        self, outcome: EntryOutcome, report: dict[str, object], verbosity: int, *, is_json: bool
    ) -> None:
        row = outcome.row
        end = None if row is None or row.valid_until is None else plain(row.valid_until)
        if is_json:
            stored = {
                "valid_until": end,
                "credentials": None if row is None else row.credentials,
                "generation": outcome.generation,
            }
            self.stdout.write(to_json({"result": outcome.result, **report, **stored}))
        elif verbosity:
            said = {name: shown(str(value)) for name, value in report.items()}
            said["end"] = f"until {end}" if end else "without an end"
            self.stdout.write(self.sentences[outcome.result] % said)

    def _refuse(self, error: RefusedError, report: dict[str, object], *, is_json: bool) -> None:
        if is_json:
            problems = [
                {
                    "field": found.field,
                    "code": found.code,
                    "message": found.message,
                    "suggestion": found.suggestion,
                }
                for found in error.refusals
            ]
            self.stdout.write(to_json({"result": "refused", **report, "problems": problems}))
        lines = [f"{found.message} [{found.code}]" for found in error.refusals]
        raise CommandError("\n".join([*lines, "Nothing was written."]))
