"""Write the stored policies to a file that cors_import reads."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Collection, Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from corsadmin.convert.inherited import with_inherited_guards
from corsadmin.convert.registry import TARGETS
from corsadmin.management.acting_user import find_user
from corsadmin.management.arguments import refuse_unreadable
from corsadmin.management.exit_codes import printed
from corsadmin.management.output import add_output, add_tenants, put_out
from corsadmin.models import Tenant
from corsadmin.models.access import POLICY, Access
from corsadmin.transfer.exporting import read_tenants, unknown_slugs
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.registry import FORMATS
from corsadmin.transfer.records.diagnostics import TransferError

EXAMPLES = """
examples:
  manage.py cors_export > policies.json
  manage.py cors_export --output policies.json --force
  manage.py cors_export --format csv --output origins.csv
  manage.py cors_export --tenant acme --tenant globex
  manage.py cors_export --tenant acme --format s3 > cors.json

exit status: 0 done, 1 refused, 2 wrong usage
"""


class Command(BaseCommand):
    help = "Write the stored policies, sorted, to standard output or to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        add_tenants(parser)
        parser.add_argument(
            "--format",
            choices=[*FORMATS, *TARGETS],
            default="json",
            help="format of the file; csv and xlsx have only origins; s3, nginx and envoy have "
            "what these programs can express of one tenant (default: json)",
        )
        add_output(parser)
        parser.add_argument(
            "--user", metavar="NAME", help="only what this user may see (default: everything)"
        )

    def handle(self, *_args: object, **options: object) -> None:
        with printed(self.stdout):
            self.run(**options)

    def run(self, **options: Any) -> None:
        """Do the work of `handle`."""
        refuse_unreadable(options)
        try:
            slugs = _visible(options["user"], options["tenant"])
            pieces = self.pieces(options["format"], slugs)
            put_out(self.stdout, options["output"], pieces, force=options["force"])
        except BrokenTextError as error:
            raise CommandError(error.reason) from None
        except TransferError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            message = f"The policies cannot be read: {error}"
            raise CommandError(message) from error
        if options["output"] != "-" and options["verbosity"]:
            self.stderr.write(f"Wrote {options['output']}.")

    def pieces(self, name: str, slugs: Collection[str] | None) -> Iterable[str] | Iterable[bytes]:
        """Return the file piece by piece, and print what it cannot express."""
        if name in FORMATS:
            return FORMATS[name].write(slugs)
        if slugs is None or len(slugs) != 1:
            message = f"{name} expresses one tenant: name it with --tenant SLUG."
            raise CommandError(message)
        held = with_inherited_guards(next(iter(read_tenants(slugs))))
        text, remarks = TARGETS[name].render_policy(held)
        for remark in remarks:
            self.stderr.write(f"Not expressed: {remark}")
        return [text]


def _visible(user: str | None, slugs: list[str] | None) -> Collection[str] | None:
    """Return the tenants to write, None for all. Raises CommandError for an unknown tenant."""
    unknown = unknown_slugs(slugs) if slugs else []
    _key, access = find_user(user)
    seen = _seen_by(access) if access else None
    if seen is not None:
        # A tenant that the user may not see counts as unknown.
        unknown = sorted(set(slugs or ()) - seen)
        slugs = slugs or sorted(seen)
    if unknown:
        message = f"There is no tenant {', '.join(unknown)}."
        raise CommandError(message)
    return slugs


def _seen_by(access: Access) -> set[str] | None:
    """Return the slugs of the tenants whose rows a user may all see, None for all tenants."""
    keys = access.seen(*POLICY)
    if keys is None:
        return None
    return set(Tenant.objects.filter(pk__in=keys).values_list("slug", flat=True))
