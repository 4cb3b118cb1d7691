"""Every process that knew a deleted tenant drops it, and reads nothing else again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from corsadmin.engine.packing import SLUG
from corsadmin.models import Move, Tenant, TenantHost, generation
from corsadmin.serving import loader
from tests.factories import OriginFactory, TenantFactory, make_site
from tests.serving.snapshots import allowed, contents, packed

APP = "https://app.example.com"
NEW = "https://new.example.com"


def test_a_deleted_tenant_is_dropped_and_no_other_is_read(acme: Tenant, rival: Tenant) -> None:
    before = loader.load("default")

    acme.delete()

    after = loader.load("default", before)
    assert not allowed(after, APP)
    assert after.policy("acme") is None
    assert packed(after, rival) is packed(before, rival)
    assert after.rebuild == before.rebuild
    assert contents(after) == contents(loader.load("default"))
    assert allowed(before, APP)


def test_deletions_that_were_missed_are_made_up_for(acme: Tenant, rival: Tenant) -> None:
    before = loader.load("default")

    acme.delete()
    OriginFactory(tenant=rival, pattern=NEW)
    heir = make_site("heir", origins=[APP])
    heir.delete()

    after = loader.load("default", before)
    assert contents(after) == contents(loader.load("default"))
    assert allowed(after, NEW, "rival")


def test_a_host_that_is_taken_over_in_the_same_transaction(acme: Tenant, rival: Tenant) -> None:
    before = loader.load("default")

    with transaction.atomic():
        acme.delete()
        TenantHost.objects.create(tenant=rival, host="acme.example.net")

    after = loader.load("default", before)
    found = after.policy_of_host("acme.example.net")
    assert found is not None
    assert found.slug == "rival"
    assert contents(after) == contents(loader.load("default"))


@pytest.mark.parametrize("together", [True, False], ids=["one change", "two changes"])
def test_a_tenant_that_comes_back_under_its_key_is_the_new_one(
    acme: Tenant, together: bool
) -> None:
    before = loader.load("default")
    key = acme.pk

    def come_back() -> None:
        acme.delete()
        OriginFactory(tenant=TenantFactory(pk=key, slug="again"), pattern=NEW)

    if together:
        with generation.change():
            come_back()
    else:
        come_back()

    after = loader.load("default", before)
    assert contents(after) == contents(loader.load("default"))
    assert after.policy("acme") is None
    found = after.index.records.get(key)
    assert found is not None
    assert found[SLUG] == "again"


@pytest.mark.parametrize("hinted", [True, False], ids=["hinted at", "found by the poll"])
def test_a_tenant_that_came_back_before_stays(acme: Tenant, rival: Tenant, hinted: bool) -> None:
    with generation.change():
        key = acme.pk
        acme.delete()
        OriginFactory(tenant=TenantFactory(pk=key, slug="again"), pattern=NEW)
    known = loader.load("default")

    rival.save()

    after = loader.load("default", known, hinted=hinted)
    assert contents(after) == contents(loader.load("default"))


def test_a_tenant_whose_deletion_is_taken_back_stays(acme: Tenant) -> None:
    row = TenantFactory(slug="bare")  # nothing of it but its row tells of the deletion
    before = loader.load("default")

    with generation.change():
        with transaction.atomic():
            Tenant.objects.get(pk=row.pk).delete()
            transaction.set_rollback(True)
        acme.save()

    after = loader.load("default", before)
    assert after.policy("bare") is not None
    assert contents(after) == contents(loader.load("default"))


def test_the_platform_that_goes_takes_what_is_inherited(acme: Tenant) -> None:
    OriginFactory(tenant=Tenant.objects.platform(), pattern=NEW)
    before = loader.load("default")
    assert allowed(before, NEW)

    Tenant.objects.filter(slug="platform").delete()

    after = loader.load("default", before)
    assert after.platform is None
    assert not allowed(after, NEW)
    assert allowed(after, APP)


def test_so_many_deletions_are_a_reason_to_read_everything(
    acme: Tenant, rival: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = loader.load("default")
    monkeypatch.setattr(generation, "MAX_STAMPED_TENANTS", 1)

    Tenant.objects.exclude(slug="platform").delete()

    after = loader.load("default", before)
    assert after.rebuild == after.generation
    assert Move.objects.get(generation=after.generation).removed == ""
    assert contents(after) == contents(loader.load("default"))


def test_a_deletion_in_the_middle_of_a_load_is_found_by_the_next(
    acme: Tenant, rival: Tenant, in_a_thread: Callable[[Callable[[], object]], object]
) -> None:
    known = loader.load("default")
    OriginFactory(tenant=rival, pattern=NEW)
    done: list[bool] = []

    def interrupt(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        if "corsadmin_move" in sql and not done:
            done.append(True)
            in_a_thread(acme.delete)
        return answer

    with connection.execute_wrapper(interrupt):
        torn = loader.load("default", known)
    after = loader.load("default", torn)

    assert done
    assert contents(after) == contents(loader.load("default"))
    assert not allowed(after, APP)


def test_moves_of_another_database_remove_nobody(acme: Tenant, rival: Tenant) -> None:
    known = loader.load("default")
    # What a fixture brings, ahead of this database's counter.
    Move.objects.create(generation=known.generation + 1, mark=1, removed=str(acme.pk))
    Move.objects.create(generation=known.generation + 2, mark=2, removed=str(acme.pk))

    rival.save()

    after = loader.load("default", known)
    assert allowed(after, APP)
