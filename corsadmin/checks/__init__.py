"""The system checks: faults that can be found before the first request.

None of them makes a query unless Django checks a database. Ids are never reused; docs/checks.md has
an entry for each.
"""

from django.core.checks import Tags
from django.core.checks import register as register_check

from corsadmin.checks import database, installation, options, routing


def register() -> None:
    """Register the system checks."""
    register_check(installation.check_middleware, Tags.compatibility)
    register_check(installation.check_middleware_deployed, Tags.compatibility, deploy=True)
    register_check(installation.check_apps, Tags.compatibility)
    register_check(routing.check_databases, Tags.compatibility)
    register_check(options.check_settings, Tags.compatibility)
    register_check(options.check_trusted_header, Tags.security, deploy=True)
    register_check(options.check_private_addresses, Tags.security, deploy=True)
    register_check(installation.check_proxy_header, Tags.security, deploy=True)
    register_check(installation.check_xml_parser, Tags.security, deploy=True)
    register_check(database.check_tables, Tags.database)
    register_check(database.check_admin_is_closed, Tags.database)
