"""Import policies from a file: plan, show, apply."""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from corsadmin.transfer.applying import Signature, apply
from corsadmin.transfer.faults import Fault, TransferError
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.json_stream import BrokenTextError
from corsadmin.transfer.opening import open_input
from corsadmin.transfer.planning import Plan
from corsadmin.transfer.report import (
    SHOWN_STEPS,
    count_lines,
    fault_report,
    plan_lines,
    plan_report,
)

EXAMPLES = """
examples:
  manage.py cors_import policies.json --dry-run      show what would change
  manage.py cors_import policies.json --reason OPS-12
  manage.py cors_import policies.json --prune        also remove what the file lacks
  ssh other manage.py cors_export | manage.py cors_import -

exit status: 0 done, 1 refused or problems found (nothing was written), 2 wrong usage
"""


class Command(BaseCommand):
    help = "Import policies from a file, all of it or nothing. A second import changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument(
            "--dry-run", action="store_true", help="show the plan and write nothing"
        )
        parser.add_argument(
            "--prune",
            action="store_true",
            help="remove rows of the file's tenants that the file lacks; no other tenant's, and "
            "no tenant",
        )
        parser.add_argument(
            "--only-tenant",
            action="append",
            metavar="SLUG",
            help="pass over the file's other tenants; may be repeated",
        )
        parser.add_argument(
            "--expect-generation",
            type=int,
            metavar="N",
            help="refuse when the database has moved since a dry run that showed generation N",
        )
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept in the history")
        parser.add_argument("--user", metavar="NAME", help="kept in the history as the author")
        parser.add_argument(
            "--format",
            choices=["text", "json"],
            default="text",
            help="format of this command's report (default: text)",
        )

    def handle(self, *_args: Any, file: str, **options: Any) -> None:
        signature = Signature(options["reason"], _user_key(options["user"]))
        choices = Choices(
            prune=options["prune"],
            only=frozenset(options["only_tenant"]) if options["only_tenant"] else None,
            expected=options["expect_generation"],
        )
        screen = _Screen(self.stdout, options["verbosity"], as_json=options["format"] == "json")
        try:
            with open_input(file) as opened, plan_import(opened, choices) as plan:
                screen.show(plan)
                made = None
                if not options["dry_run"]:
                    # Whoever expects a generation wants the plan that was shown, or none.
                    remade = screen.show_again if choices.expected is None else None
                    made = apply(plan, signature, remade=remade)
                screen.close(plan, made)
        except BrokenTextError as error:
            message = f"{file} cannot be read: {error.reason}."
            raise CommandError(message) from None
        except TransferError as error:
            self.refuse(error.faults, as_json=options["format"] == "json")

    def refuse(self, faults: tuple[Fault, ...], *, as_json: bool) -> None:
        """Print every fault and raise CommandError."""
        if as_json:
            report = {"applied": False, "problems": fault_report(faults)}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            for fault in faults:
                self.stderr.write(str(fault))
        count = "1 problem" if len(faults) == 1 else f"{len(faults):,} problems"
        message = f"{count}; nothing was written."
        raise CommandError(message)


def _user_key(name: str | None) -> object:
    if name is None:
        return None
    model = get_user_model()
    users = model._default_manager  # noqa: SLF001 (Django's documented name)
    user = users.filter(**{model.USERNAME_FIELD: name}).first()
    if user is None:
        message = f"There is no user {name}."
        raise CommandError(message)
    return user.pk


class _Screen:
    """Shows a plan before it is carried out, because afterwards nothing differs any more."""

    def __init__(self, out: OutputWrapper, verbosity: int, *, as_json: bool) -> None:
        self._out = out
        self._quiet = verbosity == 0 or as_json
        self._as_json = as_json
        self._limit = SHOWN_STEPS if verbosity <= 1 else None
        self._report: dict[str, Any] = {}

    def show(self, plan: Plan) -> None:
        """Print the plan, or keep it for the report."""
        if self._as_json:
            self._report = plan_report(plan, self._limit)
        if self._quiet or plan.is_empty:
            return
        for line in plan_lines(plan, self._limit):
            self._out.write(line)
        for line in count_lines(plan):
            self._out.write(line)

    def show_again(self, plan: Plan) -> None:
        """Print a plan that had to be made anew."""
        if not self._quiet:
            self._out.write("Somebody changed the database meanwhile. The plan is now:")
        self.show(plan)

    def close(self, plan: Plan, made: int | None) -> None:
        """Print what became of the plan; `made` is the generation after it was carried out."""
        if self._as_json:
            report = {**self._report, "applied": made is not None, "generation_after": made}
            self._out.write(json.dumps({**report, "problems": []}, ensure_ascii=False, indent=2))
        elif not self._quiet:
            self._out.write(_ending(plan, made))


def _ending(plan: Plan, made: int | None) -> str:
    if plan.is_empty:
        return f"Nothing to change: generation {plan.generation} is as the file says."
    if made is None:
        return (
            "Dry run: nothing was written. To apply exactly this, add "
            f"--expect-generation {plan.generation}."
        )
    return f"Applied as generation {made}."
