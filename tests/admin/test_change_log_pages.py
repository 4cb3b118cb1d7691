"""The history in pages: every change once, with few queries, within bounds that are said."""

from datetime import timedelta
from itertools import product
from urllib.parse import urlencode

import pytest

from corsadmin.admin.history import filters, reading
from corsadmin.models import generation
from tests.admin.logs import LOG, log, told
from tests.admin.past import url
from tests.admin.queries import queries_of
from tests.admin.undoing import last_number
from tests.factories import OriginFactory, TenantMemberFactory, make_site

pytestmark = pytest.mark.slow


def test_pages_show_every_change_once(superuser, acme, monkeypatch):
    monkeypatch.setattr(reading, "MAX_CHANGES", 2)
    monkeypatch.setattr(reading, "MAX_READ_VERSIONS", 3)
    for number in range(5):
        with generation.change():
            for part in range(number):
                OriginFactory(tenant=acme, pattern=f"https://{number}-{part}.example")
            acme.name = str(number)
            acme.save()
    found = log(superuser)
    numbers = [change.number for change in found["changes"]]
    while found["older"]:
        found = log(superuser, found["older"])
        numbers += [change.number for change in found["changes"]]

    assert len(numbers) == len(set(numbers)) == 6
    assert numbers == sorted(numbers, reverse=True)
    assert found["newest"] == LOG


@pytest.mark.parametrize("bound", ["MAX_SEARCHED_VERSIONS", "MAX_COMPARED_VERSIONS"])
def test_a_search_that_is_bounded_says_so(superuser, acme, monkeypatch, bound):
    OriginFactory.create_batch(3, tenant=acme)
    entry = acme.origins.latest("pk")
    entry.enabled = False
    entry.save()
    query = {"q": "https"} if bound == "MAX_SEARCHED_VERSIONS" else {"kind": "disabled"}
    whole = told(superuser, **query)
    assert not log(superuser, **query)["is_bounded"]

    monkeypatch.setattr(filters, bound, 2)

    assert log(superuser, **query)["is_bounded"]
    assert told(superuser, **query) == whole[:2]
    assert not log(superuser, tenant="acme", **query)["is_bounded"]
    assert not log(superuser, url("history", acme), **query)["is_bounded"]


ASKED = [
    {},
    {"q": "https://x.example", "tenant": "acme", "user": "a", "reason": "b"},
    {"kind": "disabled", "since": "2020-01-01", "until": "2100-01-01", "q": "example"},
]


@pytest.mark.parametrize("person", ["superuser", "member"])
def test_a_page_needs_few_queries(request, acme, person):
    client = request.getfixturevalue(person)
    for number in range(4):
        tenant = make_site(f"tenant-{number}")
        TenantMemberFactory(tenant=tenant)
        tenant.name = "other"
        tenant.save()
        tenant.delete()
        for row in (*acme.origins.all(), *acme.paths.all(), acme):
            row.note = str(number)
            row.save()

    for page, query in product((LOG, url("history", acme)), ASKED):
        found = queries_of(client, f"{page}?{urlencode(query)}")
        assert len(found) <= 20, found


def test_members_are_called_by_users_who_are_read_with_them(superuser, acme):
    for _number in range(5):
        TenantMemberFactory(tenant=acme)
        TenantMemberFactory(tenant=acme).user.delete()
    rows = [row for change in log(superuser)["changes"] for row in change.rows]

    assert sum(row.name.startswith("#") for row in rows) == 10
    assert not [query for query in queries_of(superuser, LOG)[2:] if 'FROM "auth_user"' in query]


def test_clocks_that_differ_lose_nothing(superuser, acme, monkeypatch):
    """A machine whose clock is behind writes the later key with the earlier moment."""
    monkeypatch.setattr(reading, "MAX_CHANGES", 1)
    first, second = OriginFactory.create_batch(2, tenant=acme)
    moment = first.history.get().history_date - timedelta(minutes=50)
    second.history.update(history_date=moment)

    seen, page = [], f"{LOG}?q=https"
    while page:
        found = log(superuser, page)
        seen += [row.name for change in found["changes"] for row in change.rows]
        page = found["older"]

    assert sorted(seen) == sorted(["https://app.acme.example", str(first), str(second)])
    assert superuser.get(f"{LOG}{last_number()}/undo/").status_code == 200
