"""Lint the stored policies."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from time import time
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from corsadmin.diagnose.lint import ERROR, LEVELS, WARNING, Finding, lint
from corsadmin.management.arguments import refuse_unreadable
from corsadmin.management.exit_codes import printed
from corsadmin.management.json_output import to_json
from corsadmin.messages import shown
from corsadmin.models import Tenant
from corsadmin.models.database import alias_for_writing

EXAMPLES: Final = """
examples:
  manage.py cors_check                        every active tenant
  manage.py cors_check --tenant acme
  manage.py cors_check --fail-level error     for a cron job that reports only what is broken

exit status: 0 no problems, at most notes, 1 problems found, 2 wrong usage or no tables
"""


class Command(BaseCommand):
    help = "Find stored policies that cannot work, have no effect, or need a second look."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("--tenant", default="", metavar="SLUG", help="only this tenant")
        parser.add_argument(
            "--fail-level",
            choices=[WARNING, ERROR],
            default=WARNING,
            help="the lowest level that makes the exit status 1 (default: %(default)s)",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *_args: object, **options: object) -> None:
        with printed(self.stdout, 2):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do the work of `handle`."""
        refuse_unreadable(options)
        slug: str = options["tenant"]
        try:
            found = find(slug)
        except DatabaseError as error:
            message = f"The policies cannot be read: {error}"
            raise CommandError(message, returncode=2) from error
        counts = {level: sum(finding.level == level for finding in found) for level in LEVELS}
        if options["format"] == "json":
            totals = {f"{level}s": count for level, count in counts.items()}
            report = {"problems": list(map(as_dict, found)), **totals}
            self.stdout.write(to_json(report))
        else:
            for line in finding_lines(found):
                self.stdout.write(line)
            self.stdout.write(", ".join(f"{level}s: {count}" for level, count in counts.items()))
        if counts[ERROR] or (counts[WARNING] and options["fail_level"] == WARNING):
            raise SystemExit(1)


def find(slug: str) -> list[Finding]:
    """Return all findings about the active tenants, or about one. Raises CommandError."""
    using = alias_for_writing()
    if slug and not Tenant.objects.using(using).filter(slug=slug, is_active=True).exists():
        message = f"There is no active tenant '{shown(slug)}'."
        raise CommandError(message, returncode=2)
    return list(lint(using, time(), slug))


def as_dict(found: Finding) -> dict[str, str]:
    """Return a finding as plain values for JSON."""
    return {
        "tenant": found.tenant,
        "kind": found.kind,
        "name": found.name,
        "code": found.code,
        "level": found.level,
        "message": found.message,
    }


def finding_lines(findings: list[Finding]) -> Iterator[str]:
    """Yield the findings as lines for people, tenant by tenant."""
    tenant = None
    for found in findings:
        if found.tenant != tenant:
            tenant = found.tenant
            yield shown(tenant)
        yield f"  {found.level:<8} {found.kind} {found.name}: {found.message} ({found.code})"
