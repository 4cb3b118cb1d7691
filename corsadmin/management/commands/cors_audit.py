"""Write origins, path rules or members with who added, changed and accepted each."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import QuerySet

from corsadmin.management.acting_user import find_user
from corsadmin.management.arguments import USAGE, refuse_unreadable
from corsadmin.management.exit_codes import printed
from corsadmin.management.output import add_output, add_tenants, put_out
from corsadmin.management.report import Progress
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import Access
from corsadmin.models.database import alias_for_writing, one_state
from corsadmin.transfer.audit.conditions import ORIGIN_CONDITIONS, meeting_all
from corsadmin.transfer.audit.registry import AUDIT_FORMATS, SUBJECTS
from corsadmin.transfer.audit.table import AuditTable

EXAMPLES = """
examples:
  manage.py cors_audit origins --output origins.csv
  manage.py cors_audit origins --having wildcard --having credentials
  manage.py cors_audit path-rules --tenant acme --format xlsx --output rules.xlsx
  manage.py cors_audit members

exit status: 0 done, 1 refused, 2 wrong usage
"""


class Command(BaseCommand):
    help = (
        "Write origins, path rules or members as a table for auditors: who added, changed and "
        "accepted each, when and why, and when it was last used."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("subject", choices=SUBJECTS, help="what each row describes")
        parser.add_argument(
            "--having",
            action="append",
            choices=ORIGIN_CONDITIONS,
            help="only origins that meet this condition; may be repeated, and all must be met",
        )
        add_tenants(parser)
        parser.add_argument(
            "--format",
            choices=AUDIT_FORMATS,
            default="csv",
            help="format of the file (default: csv)",
        )
        add_output(parser)
        parser.add_argument(
            "--user",
            metavar="NAME",
            help="only the rows and columns that this user may see (default: everything)",
        )

    def handle(self, *_args: object, **options: object) -> None:
        with printed(self.stdout):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do the work of `handle`."""
        refuse_unreadable(options)
        model = SUBJECTS[options["subject"]]
        if options["having"] and model is not Origin:
            message = "--having applies only to origins: run cors_audit origins."
            raise CommandError(message, returncode=USAGE)
        try:
            _key, access = find_user(options["user"])
            rows = _rows(model, options["having"] or (), options["tenant"], access)
            audit_format = AUDIT_FORMATS[options["format"]]
            if audit_format.is_too_small(rows):
                message = f"There are too many rows for {options['format']}: use --format csv."
                raise CommandError(message)
            table = AuditTable(rows, access)
            pieces = audit_format.write(table.heading, Progress(self.stderr)(table))
            with one_state(rows.db):
                put_out(self.stdout, options["output"], pieces, force=options["force"])
        except DatabaseError as error:
            message = f"The policies cannot be read: {error}"
            raise CommandError(message) from error
        if options["output"] != "-" and options["verbosity"]:
            self.stderr.write(f"Wrote {options['output']}.")


def _rows(
    model: Any, having: tuple[str, ...], slugs: list[str] | None, access: Access | None
) -> QuerySet[Any]:
    """Return the rows that the options choose. Raises CommandError for an unknown tenant."""
    using = alias_for_writing()
    rows: QuerySet[Any] = model.objects.using(using).filter(meeting_all(having))
    tenants: QuerySet[Tenant] = Tenant.objects.using(using).order_by()
    if access is not None:
        rows = access.limit(rows)
        # A tenant that the user may not see counts as unknown.
        keys = access.seen(Tenant, model)
        tenants = tenants if keys is None else tenants.filter(pk__in=keys)
    if slugs is None:
        return rows
    known = dict(tenants.filter(slug__in=slugs).values_list("slug", "pk"))
    unknown = sorted(set(slugs) - known.keys())
    if unknown:
        message = f"There is no tenant {', '.join(unknown)}."
        raise CommandError(message)
    return rows.filter(tenant__in=known.values())
