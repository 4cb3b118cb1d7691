"""Stop every origin, or credentials, of a tenant or of all tenants: now, and until when."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from corsadmin.engine import PLATFORM
from corsadmin.engine.emergencies import StopLevel
from corsadmin.management.acting_user import add_acting_user, find_user
from corsadmin.management.arguments import USAGE, Options, refuse_unreadable
from corsadmin.management.end_option import read_end
from corsadmin.management.exit_codes import printed
from corsadmin.management.json_output import to_json
from corsadmin.messages import shown
from corsadmin.models import Emergency, Tenant
from corsadmin.models.access import CALLERS, Access
from corsadmin.models.counter import current_generation
from corsadmin.models.database import alias_for_writing
from corsadmin.models.emergency_switch import (
    EmergencyTerms,
    SwitchRefusedError,
    lift_emergency,
    shown_end,
    switch_on,
)
from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.proposed_change.stop_impact import find_stop_impact
from corsadmin.transfer.records.coerce import plain

MAX_HOURS: Final = 8_760
ON, OFF, STATUS = "on", "off", "status"
EXAMPLES: Final = """examples:
  manage.py cors_emergency on --tenant acme --until-lifted --reason "INC-7: leaked key"
  manage.py cors_emergency on --platform --level credentials --hours 4 --reason INC-7 --user ops
  manage.py cors_emergency status
  manage.py cors_emergency off --tenant acme --reason "INC-7: key revoked"

exit status: 0 done, or nothing to do, 1 refused (nothing was written), 2 wrong usage
"""


class Command(BaseCommand):
    help = (
        "Stop every origin of a tenant, or of all tenants, or only their credentials. Every "
        "process applies it within seconds. Browsers and caches may use cached responses a little "
        "longer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=[ON, OFF, STATUS], help="what to do")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", metavar="SLUG", help="the tenant to stop")
        whose.add_argument(
            "--platform", action="store_true", help="stop every tenant, whatever it inherits"
        )
        parser.add_argument(
            "--level",
            choices=[level.value for level in StopLevel],
            help="what to stop: every origin (all, the default), or only credentials",
        )
        end = parser.add_mutually_exclusive_group()
        end.add_argument(
            "--until",
            metavar="TIME",
            help="end the emergency at this time, such as 2027-01-31T00:00:00Z",
        )
        end.add_argument(
            "--hours",
            type=int,
            metavar="N",
            help=f"end the emergency after N hours, at most {MAX_HOURS:,}",
        )
        end.add_argument(
            "--until-lifted", action="store_true", help="keep it on until somebody lifts it"
        )
        parser.add_argument(
            "--loosen",
            action="store_true",
            help="let `on` stop less, or for a shorter time, than the emergency that is on",
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
        _refuse_misuse(options)
        until = _end(options)
        _key, access = find_user(options["user"])
        slug = PLATFORM if options["platform"] else options["tenant"]
        is_json = options["format"] == "json"
        try:
            if options["action"] == STATUS:
                self._tell_status(_seen(access, slug), is_json=is_json)
                return
            tenant = _tenant(slug, access)
            reason, user = options["reason"], access and access.user
            if options["action"] == ON:
                asked = EmergencyTerms(
                    level=options["level"] or StopLevel.ALL.value,
                    until=until,
                    reason=reason,
                    user=user,
                    loosens=options["loosen"],
                )
                row: Emergency | None = switch_on(tenant, asked)
            else:
                row = lift_emergency(tenant, reason=reason, user=user)
        except SwitchRefusedError as error:
            if is_json:
                problem = {"code": error.code, "message": str(error)}
                report = {"result": "refused", "tenant": slug, "problems": [problem]}
                self.stdout.write(to_json(report))
            message = f"{error} [{error.code}]\nNothing was written."
            raise CommandError(message) from None
        except DatabaseError as error:
            reason = " ".join(str(error).split()).rstrip(".")
            message = f"The database failed: {reason}. You can safely run the command again."
            raise CommandError(message) from None
        self._tell(options, tenant, row, access)

    def _tell(
        self,
        options: dict[str, object],
        tenant: Tenant,
        row: Emergency | None,
        access: Access | None,
    ) -> None:
        is_on = options["action"] == ON
        result = "unchanged" if row is None else "on" if is_on else "lifted"
        # Only now, because nothing that takes time may delay the switch.
        stops = _stops(tenant, row, access) if is_on and row is not None else []
        if options["format"] == "json":
            report = {"result": result, **_report(row, tenant), "stops": stops}
            report["generation"] = current_generation(alias_for_writing())[0]
            self.stdout.write(to_json(report))
        elif options["verbosity"]:
            slug = shown(tenant.slug)
            sentences = {
                "unchanged": f"Nothing to do: no emergency of {slug} is on.",
                "lifted": f"Lifted the emergency of {slug}.",
            }
            level = "" if row is None else row.level
            end = "" if row is None else shown_end(row)
            self.stdout.write(
                sentences.get(result, f"Emergency of {slug} is on: level {level}, {end}.")
            )
            for line in stops:
                self.stdout.write(f"  ! {line}")

    def _tell_status(self, rows: list[Emergency], *, is_json: bool) -> None:
        if is_json:
            found = [{**_report(row, row.tenant), "in_force": not row.is_over()} for row in rows]
            self.stdout.write(to_json({"emergencies": found}))
            return
        for row in rows:
            over = " (over)" if row.is_over() else ""
            by = f" by {shown(str(row.by))}" if row.by else ""
            self.stdout.write(
                f"{shown(row.tenant.slug)}: level {shown(row.level)}, {shown_end(row)}{over}, since"
                f" {plain(row.created)}{by}: {shown(row.reason)}"
            )
        if not rows:
            self.stdout.write("No emergency is on.")


def _refuse_misuse(options: Options) -> None:
    """Raise CommandError for missing options, and for options that the action does not take."""
    action = options["action"]
    ends = [name for name in ("until", "hours", "until_lifted") if options[name]]
    if action != STATUS and not (options["tenant"] or options["platform"]):
        _misuse("Give --tenant SLUG or --platform.")
    if action != STATUS and not options["reason"].strip():
        _misuse("Say why with --reason.")
    if action == ON and not ends and options["hours"] is None:
        _misuse("Give --until TIME, --hours N or --until-lifted.")
    if action != ON and (ends or options["level"] or options["loosen"]):
        _misuse(f"`{action}` takes no --level, --until, --hours, --until-lifted or --loosen.")


def _misuse(message: str) -> None:
    raise CommandError(message, returncode=USAGE)


def _end(options: Options) -> datetime | None:
    """Return the end that the options name, or None for no end."""
    hours, until = options["hours"], options["until"]
    if hours is not None:
        if not 1 <= hours <= MAX_HOURS:
            _misuse(f"--hours: write a number from 1 to {MAX_HOURS:,}.")
        return timezone.now().replace(microsecond=0) + timedelta(hours=hours)
    return read_end(until)


def _tenant(slug: str, access: Access | None) -> Tenant:
    """Return the tenant. A user who may not see it gets the same error as for an unknown one."""
    tenant: Tenant | None = Tenant.objects.using(alias_for_writing()).filter(slug=slug).first()
    if access is not None and not access.may_switch(tenant):
        text = f"You may not switch the emergency of {shown(slug)}."
        raise SwitchRefusedError("not-permitted", text)
    if tenant is None:
        raise SwitchRefusedError("tenant-unknown", f"There is no tenant “{shown(slug)}”.")
    return tenant


def _seen(access: Access | None, slug: str | None) -> list[Emergency]:
    """Return the stored emergencies that the user may see, of one tenant or of all tenants."""
    rows = Emergency.objects.using(alias_for_writing()).select_related("tenant", "by")
    if access is not None:
        rows = rows.seen_by(access.seen(Tenant))
    if slug:
        rows = rows.filter(tenant__slug=slug)
    return list(rows.order_by("tenant__slug"))


def _stops(tenant: Tenant, row: Emergency, access: Access | None) -> list[str]:
    return impact_sentences(
        find_stop_impact(tenant, row.stop.level),
        seen=access.seen(Tenant) if access else None,
        named=access.seen(*CALLERS) if access else None,
        own=tenant.pk,
    )


def _report(row: Emergency | None, tenant: Tenant) -> dict[str, object]:
    return {
        "tenant": tenant.slug,
        "level": row and row.level,
        "until": row and row.until and plain(row.until),
        "since": row and plain(row.created),
        "reason": row and row.reason,
        "by": row and row.by and str(row.by),
    }
