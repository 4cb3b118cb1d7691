"""Two changes at once, neither of which opens anything without the other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.urls import reverse

from corsadmin.models import PathRule, generation
from tests.admin.conftest import log_in
from tests.admin.forms import fields_of
from tests.admin.opening import page, staff
from tests.databases import wait_until
from tests.factories import make_site

pytestmark = pytest.mark.slow

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def deleted(row):
    return page(row, "delete"), {"post": "yes"}


def action(name):
    def sent(row):
        url = reverse("admin:corsadmin_pathrule_changelist")
        return url, {"action": name, "_selected_action": row.pk, "post": "yes"}

    return sent


def put_back(row):
    before = row.history.latest().history_date
    return reverse("admin:corsadmin_tenant_restore", args=[row.tenant_id]), {
        "before": before.isoformat()
    }


def own_page(row):
    return page(row), {"path": "/elsewhere/"}


def version(row):
    old = row.history.latest()
    type(old).objects.filter(pk=old.pk).update(enabled=False)
    url = reverse("admin:corsadmin_pathrule_simple_history", args=[row.pk, old.pk])
    return url, {"enabled": ""}


@pytest.mark.parametrize(
    "door",
    [
        pytest.param(own_page, id="its page"),
        pytest.param(deleted, id="deleting"),
        pytest.param(action("disable"), id="the action that disables"),
        pytest.param(action("delete_selected"), id="the action that deletes"),
        pytest.param(put_back, id="putting back"),
        pytest.param(version, id="an old version"),
    ],
)
def test_what_is_judged_stays_until_it_is_carried_out(postgresql, door):
    acme = make_site("acme", paths=[{"path": "/", "any_origin": True}, {"path": "/*/"}])
    row = PathRule.objects.create(tenant=acme, path="/private/")
    client = log_in(staff(acme))
    url, given = door(row)
    shown = client.get(url, given if door is put_back else {})
    sent = {**fields_of(shown), **given} if door is not deleted else given

    def send():
        try:
            return client.post(url, sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, generation.change():
        acme.paths.get(path="/*/").delete()
        answer = pool.submit(send)
        wait_until(lambda: is_waiting() or answer.done())
        assert not answer.done()

    assert answer.result() in {200, 302}
    row.refresh_from_db()
    assert row.enabled
    assert row.path == "/private/"


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0] > 0
