"""What emergencies stopped is not called unused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from corsadmin.admin.clean_up.stopped_time import stopped_shares
from corsadmin.models import Emergency, Tenant
from tests.admin import unused
from tests.admin.emergencies import shown
from tests.messages.screens import says

NOW = timezone.now()


def on(tenant, *steps, until=None):
    """Write the history of one emergency: a level, or a minus sign, and how many days ago it was."""
    row = Emergency.objects.create(tenant=tenant, reason="x", until=until)
    for number, (level, days) in enumerate(steps):
        if level == "-":
            row.delete()
        elif number:
            row.level = level
            row.save()
        version = Emergency.history.latest("history_id")
        version.history_date = NOW - timedelta(days=days)
        version.level = version.level if level == "-" else level
        version.save()


# What happened to acme and to the platform, and for how many of the last 100 days acme was stopped.
PASTS = {
    "nothing": ([], [], 0),
    "still on": ([("all", 20)], [], 20),
    "lifted": ([("all", 20), ("-", 15)], [], 5),
    "since before the period": ([("all", 300), ("-", 90)], [], 10),
    "before the period": ([("all", 300), ("-", 200)], [], 0),
    "credentials alone": ([("credentials", 20), ("-", 15)], [], 0),
    "credentials, then all": ([("credentials", 20), ("all", 15), ("-", 12)], [], 3),
    "the platform's": ([], [("all", 20), ("-", 10)], 10),
    "both, one in the other": ([("all", 18), ("-", 16)], [("all", 20), ("-", 10)], 10),
    "both, overlapping": ([("all", 20), ("-", 10)], [("all", 15), ("-", 5)], 15),
}


@pytest.mark.parametrize(("own", "platforms", "days"), PASTS.values(), ids=PASTS)
def test_the_time_of_emergencies_is_counted_once(acme, rival, own, platforms, days):
    for tenant, steps in ((acme, own), (Tenant.objects.platform(), platforms)):
        if steps:
            on(tenant, *steps)

    found = stopped_shares([acme.pk], 100)

    assert found == ({acme.pk: pytest.approx(days / 100, abs=0.001)} if days else {})


def test_the_end_of_an_emergency_ends_it(acme):
    on(acme, ("all", 20), until=NOW - timedelta(days=15))

    assert stopped_shares([acme.pk], 100)[acme.pk] == pytest.approx(0.05, abs=0.001)


def test_what_no_version_tells_of_counts_since_it_began(acme):
    Emergency.objects.bulk_create([Emergency(tenant=acme, reason="x")])
    Emergency.objects.update(created=NOW - timedelta(days=10))

    assert stopped_shares([acme.pk], 100)[acme.pk] == pytest.approx(0.1, abs=0.001)


@pytest.mark.parametrize(
    ("days", "is_proposed"), [(20, False), (4, True)], ids=["for long", "for a short time"]
)
def test_after_a_long_emergency_nothing_is_proposed(superuser, old, days, is_proposed):
    on(old, ("all", 60), ("-", 60 - days))

    text = shown(superuser, unused.of(old))

    assert ("https://unused.example" in text) is is_proposed
    assert says(text, "clean-up-stopped") is not is_proposed
