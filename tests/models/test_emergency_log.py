"""Each change of an emergency logs one line, whichever way it is written."""

import json
import logging

import pytest
from django.core.serializers import deserialize
from django.utils import timezone

from corsadmin.models import Emergency, Tenant
from corsadmin.models.emergency_switch import EmergencyTerms, lift_emergency, switch_on
from tests.factories import make_site
from tests.messages.screens import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return make_site("acme")


def switched_and_lifted(acme):
    switch_on(acme, EmergencyTerms(level="all", until=None, reason="INC-1"))
    lift_emergency(acme, reason="over")


def on(acme):
    return Emergency.objects.create(tenant=acme, reason="x")


def changed_in_bulk(acme):
    row = Emergency.objects.get()
    row.level = "credentials"
    Emergency.objects.bulk_update([row], ["level"])


def loaded(acme):
    fields = {"tenant": ["acme"], "level": "all", "reason": "x"}
    moments = dict.fromkeys(("created", "modified"), "2026-01-01T00:00:00Z")
    row = {"model": "corsadmin.emergency", "pk": 1, "fields": {**fields, **moments}}
    for found in deserialize("json", json.dumps([row])):
        found.save()


def line(what, **values):
    told = {"tenant": "acme", "level": "all", "until": "lifted", "reason": "'x'", **values}
    return filled("log-emergency", what=what, **told)


ON, LIFTED = line("switched on"), line("lifted")
LESS = line("changed", level="credentials")
LOGGED = {
    "the switch": (
        False,
        switched_and_lifted,
        [line("switched on", reason="'INC-1'"), line("lifted", reason="'over'")],
    ),
    "bulk_create": (False, lambda acme: Emergency.objects.bulk_create([Emergency(tenant=acme, reason="x")]), [ON]),
    "update": (True, lambda acme: Emergency.objects.update(level="credentials"), [LESS]),
    "an update that changes nothing": (True, lambda acme: Emergency.objects.update(level="all"), []),
    "bulk_update": (True, changed_in_bulk, [LESS]),
    "an upsert": (
        True,
        lambda acme: Emergency.objects.bulk_create(
            [Emergency(tenant=acme, level="credentials", reason="x")],
            update_conflicts=True, unique_fields=["tenant"], update_fields=["level"],
        ),
        [LESS],
    ),
    "a save": (True, lambda acme: Emergency.objects.get().save(), [line("changed")]),
    "QuerySet.delete": (True, lambda acme: Emergency.objects.all().delete(), [LIFTED]),
    "the end of its tenant": (True, lambda acme: acme.delete(), [LIFTED]),
    "the end of all tenants": (True, lambda acme: Tenant.objects.all().delete(), [LIFTED]),
    "loaddata": (False, loaded, [ON]),
    "an update to another tenant": (
        True,
        lambda acme: Emergency.objects.update(tenant=make_site("rival")),
        [LIFTED, line("switched on", tenant="rival")],
    ),
}  # fmt: skip


@pytest.fixture
def logged(caplog, django_capture_on_commit_callbacks):
    """Return the lines that are logged once what a call writes is committed."""

    def lines(write, acme):
        caplog.clear()
        with (
            caplog.at_level(logging.WARNING, logger="corsadmin"),
            django_capture_on_commit_callbacks(execute=True),
        ):
            write(acme)
        return [record.getMessage() for record in caplog.records]

    return lines


@pytest.mark.parametrize(("is_on", "write", "expected"), LOGGED.values(), ids=LOGGED)
def test_whatever_writes_it_logs_one_line(acme, logged, is_on, write, expected):
    if is_on:
        on(acme)

    assert logged(write, acme) == expected


def test_a_fixture_may_bring_its_tenant_after_it(acme, logged):
    def load(acme):
        now = timezone.now()
        row = Emergency(tenant_id=acme.pk + 1_000, reason="x", created=now, modified=now)
        row.save_base(raw=True)
        row.delete()

    key = acme.pk + 1_000
    assert logged(load, acme) == [
        line(what, tenant=f"#{key}") for what in ("switched on", "lifted")
    ]
