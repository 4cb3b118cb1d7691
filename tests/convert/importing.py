"""Import what was carried over, so that requests can be asked."""

from corsadmin.convert.documents import document_of
from corsadmin.models import Tenant
from corsadmin.transfer.formats.document import walk
from corsadmin.transfer.formats.document_source import LoadedSource
from corsadmin.transfer.importing import Choices, plan_entries
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.records.record_types import KINDS
from tests.convert.verdicts import HOST
from tests.factories import TenantHostFactory


def import_into(conversion, slug="acme"):
    """Import what was carried over; the host is acme.localhost."""
    TenantHostFactory(tenant=Tenant.objects.get_or_create(slug=slug)[0], host=HOST)
    with plan_entries(KINDS, walk(LoadedSource(document_of(slug, conversion))), Choices()) as made:
        apply_plan(made.plan, Signature())


def accept_risks(conversion):
    """Accept what plain http risks, which is told when it is imported."""
    for origin in conversion.origins:
        origin["risk_accepted"] = True
