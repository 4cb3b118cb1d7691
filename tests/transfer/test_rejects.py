"""What is rejected keeps the tenant it stood in, whatever is wrong with that tenant."""

import json

import pytest

from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.transfer.formats.rejects import write_json_rejects
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan.apply import Signature, apply_plan
from tests.transfer.files import acme, as_file, document, run_import

pytestmark = pytest.mark.django_db

ONE, TWO = {"pattern": "https://one.example"}, {"pattern": "https://two.example"}
WRONG = {"pattern": "*"}


def reject(content, **choices):
    """Import what is sound; return (the places of what is not, the document for it)."""
    with plan_import(as_file(content), Choices(skip_invalid=True, **choices)) as found:
        apply_plan(found.plan, Signature())
        rejected = json.loads("".join(write_json_rejects(found.rejects)))
        return [fault.place for fault in found.rejects.faults()], rejected


def patterns(rejected):
    """Return the slug and the patterns of each tenant of a document, reasons left out."""
    return [
        (tenant.get("slug"), [origin["pattern"] for origin in tenant["origins"]])
        for tenant in rejected["tenants"]
    ]


def test_the_rows_of_a_slug_that_stands_twice_do_not_go_to_the_first():
    first = acme(name="Acme", hosts=["one.example.net"], origins=[ONE])
    copied = acme(name="Copied", hosts=["two.example.net"], origins=[TWO, WRONG])

    places, rejected = reject(document(first, copied))

    assert Origin.objects.get().pattern == ONE["pattern"]
    assert TenantHost.objects.get().host == "one.example.net"
    assert places == [
        "tenants[1].origins[1].pattern",
        "tenants[1]",
        "tenants[1].hosts[0]",
        "tenants[1].origins[0]",
    ]
    (again,) = rejected["tenants"]
    assert (again["slug"], again["name"]) == ("acme", "Copied")
    assert patterns(rejected) == [("acme", ["*", TWO["pattern"]])]

    # The mended file is the other tenant, with all that belongs to it.
    again["slug"] = "other"
    again["origins"] = [TWO]
    run_import(rejected)
    assert Tenant.objects.get(slug="other").hosts.get().host == "two.example.net"
    assert Tenant.objects.get(slug="acme").origins.get().pattern == ONE["pattern"]


def test_a_sound_tenant_is_not_given_the_rows_of_a_rejected_one_of_its_name():
    places, rejected = reject(document(acme(note=3, origins=[ONE]), acme(origins=[TWO])))

    assert Origin.objects.get().pattern == TWO["pattern"]
    assert places == ["tenants[0].note", "tenants[0].origins[0]"]
    assert patterns(rejected) == [("acme", [ONE["pattern"]])]


def test_tenants_without_a_slug_stay_apart():
    _places, rejected = reject(document({"origins": [ONE]}, {"origins": [TWO]}))

    assert patterns(rejected) == [(None, [ONE["pattern"]]), (None, [TWO["pattern"]])]


def test_a_tenant_whose_slug_was_mended_is_named_so():
    content = document({"slug": "Acme", "name": "Acme Inc.", "origins": [ONE, WRONG]})

    _places, rejected = reject(content, fix=True)

    (tenant,) = rejected["tenants"]
    assert (tenant["slug"], tenant["name"]) == ("acme", "Acme Inc.")
    assert patterns(rejected) == [("acme", ["*"])]


def test_two_slugs_that_are_mended_alike_are_not_one_tenant():
    content = document({"slug": "ACME", "origins": [ONE]}, {"slug": "Acme", "origins": [TWO]})

    places, _rejected = reject(content, fix=True)

    assert places == ["tenants[1]", "tenants[1].origins[0]"]
    assert Origin.objects.get().pattern == ONE["pattern"]
