"""Run the commands of pipelines, and tell what they did."""

import io
import json

from django.core.management import CommandError, call_command

from corsadmin.models import Origin
from corsadmin.models.counter import current_generation

PREVIEW = "https://pr-7.acme.dev"


def run(command, *arguments, origin=PREVIEW, tenant="acme"):
    """Run a command as a shell does; return (exit status, what it printed, what it complained of)."""
    out, err = io.StringIO(), ""
    code = 0
    try:
        call_command(command, "--tenant", tenant, *arguments, "--", origin, stdout=out)
    except CommandError as error:
        code, err = error.returncode, str(error)
    return code, out.getvalue(), err


def allow(*arguments, **where):
    """Allow an origin for two weeks."""
    return run("cors_allow", "--days", "14", *arguments, **where)


def revoke(*arguments, **where):
    """Revoke an origin."""
    return run("cors_revoke", *arguments, **where)


def report(done):
    """Return the exit status and the report for programs."""
    code, printed, _complaint = done
    return code, json.loads(printed)


def moved():
    """Return the generation."""
    return current_generation("default")[0]


def entries():
    """Return (pattern, scope, maker, enabled, credentials) of every entry."""
    rows = Origin.objects.order_by("pattern", "scope")
    return list(rows.values_list("pattern", "scope", "made_by", "enabled", "credentials"))
