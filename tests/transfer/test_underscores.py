"""A host with an underscore, which Django never serves, and an origin with one, which is right."""

import pytest

from corsadmin.models import Origin, TenantHost
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan.apply import Signature, apply_plan
from tests.transfer.files import acme, as_file, document, faults_of

pytestmark = pytest.mark.django_db

CONTENT = document(
    acme(
        hosts=["my_app.example.net", "app.example.net"],
        origins=[{"pattern": "https://my_app.example.org"}],
    )
)


def test_the_host_alone_is_refused():
    assert faults_of(CONTENT) == [("tenants[0].hosts[0]", "host-underscore")]


def test_a_host_that_django_never_serves_is_passed_over():
    with plan_import(as_file(CONTENT), Choices(skip_invalid=True)) as found:
        (fault,) = found.rejects.faults()
        apply_plan(found.plan, Signature())

    assert fault.code == "host-underscore"
    assert [*TenantHost.objects.values_list("host", flat=True)] == ["app.example.net"]
    assert [*Origin.objects.values_list("pattern", flat=True)] == ["https://my_app.example.org"]
