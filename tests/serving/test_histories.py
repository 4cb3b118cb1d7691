"""What only changed, read again and again, adds up to everything."""

import random
from typing import Any

import pytest
from django.db import transaction

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, generation
from corsadmin.serving import loader
from tests.factories import OriginFactory, make_site
from tests.serving.databases import Database
from tests.serving.snapshots import allowed, contents, execute, packed

APP = "https://app.example.com"


class Edits:
    """Random edits of every kind, through every way to write."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0

    def text(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def one(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    def tenant(self) -> Any:
        return self.one(Tenant.objects.all())

    def create_tenant(self) -> None:
        make_site(self.text(), origins=[f"https://{self.text()}.example"])

    def save_tenant(self) -> None:
        row = self.tenant()
        row.is_active = row.slug == "platform" or self.random.random() < 0.6
        row.inherits_platform = self.random.random() < 0.5
        if row.slug != "platform":
            row.slug = self.text()
        row.save()

    def update_tenants(self) -> None:
        Tenant.objects.filter(pk=self.tenant().pk).update(name=self.text())

    def delete_tenant(self) -> None:
        row = self.tenant()
        if row.slug != "platform":
            row.delete()

    def delete_tenants(self) -> None:
        Tenant.objects.filter(pk=self.tenant().pk).exclude(slug="platform").delete()

    def create_origin(self) -> None:
        OriginFactory(tenant=self.tenant(), pattern=f"https://*.{self.text()}.example")

    def move_origin(self) -> None:
        if row := self.one(Origin.objects.all()):  # pragma: no branch (chance)
            row.tenant = self.tenant()
            row.save()

    def move_hosts(self) -> None:
        if row := self.one(TenantHost.objects.all()):  # pragma: no branch (chance)
            TenantHost.objects.filter(pk=row.pk).update(tenant=self.tenant())

    def rename_host(self) -> None:
        if row := self.one(TenantHost.objects.all()):  # pragma: no branch (chance)
            row.host = f"{self.text()}.example.net"
            row.save()

    def bulk_create(self) -> None:
        rows = [Origin(tenant=self.tenant(), pattern=f"https://{self.text()}.example")]
        Origin.objects.bulk_create(rows)

    def bulk_update(self) -> None:
        rows = list(Origin.objects.all()[:3])
        for row in rows:
            row.enabled = not row.enabled
        Origin.objects.bulk_update(rows, ["enabled"])

    def delete_origins(self) -> None:
        if row := self.one(Origin.objects.all()):  # pragma: no branch (chance)
            Origin.objects.filter(pattern=row.pattern).delete()

    def save_rule(self) -> None:
        PathRule.objects.update_or_create(
            tenant=self.tenant(), path="/api/", defaults={"max_age": self.random.randrange(100)}
        )

    def rolled_back(self) -> None:
        try:
            with transaction.atomic():
                self.create_tenant()
                raise InterruptedError
        except InterruptedError:
            pass

    def half_rolled_back(self) -> None:
        with transaction.atomic():
            self.create_origin()
            self.rolled_back()
            self.save_tenant()

    def several_at_once(self) -> None:
        with generation.change():
            self.create_origin()
            self.save_tenant()
            self.rename_host()

    def announce(self) -> None:
        generation.reload_everything()

    def edit(self) -> str:
        names = [
            name
            for name, member in vars(Edits).items()
            if callable(member) and name not in {"__init__", "text", "one", "tenant", "edit"}
        ]
        name = self.random.choice(names)
        getattr(self, name)()
        return name


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_what_changed_adds_up_to_everything(
    database: Database, seed: int
) -> None:
    edits = Edits(seed)
    known = loader.load("default")
    for _ in range(60):
        done = [edits.edit() for _ in range(edits.random.choice([1, 1, 3]))]

        known = loader.load("default", known)

        assert contents(known) == contents(loader.load("default")), done


def test_only_stamped_tenants_are_read_again(database: Database) -> None:
    acme, rival = make_site(), make_site("rival", origins=[APP])
    before = loader.load("default")
    OriginFactory(tenant=acme, pattern=APP)

    after = loader.load("default", before)

    assert allowed(after, APP)
    assert not allowed(before, APP)
    assert packed(after, rival) is packed(before, rival)


@pytest.mark.parametrize("hinted", [True, False], ids=["hinted at", "found by the poll"])
def test_r08_a_counter_that_went_backwards_is_a_reason_to_read_everything(
    database: Database, hinted: bool
) -> None:
    acme = make_site(origins=[APP])
    OriginFactory(tenant=acme)
    known = loader.load("default")
    # A backup is restored: rows and counter are what they were some time ago.
    execute("DELETE FROM corsadmin_origin")
    execute("UPDATE corsadmin_generation SET value = 1")

    assert not allowed(loader.load("default", known, hinted=hinted), APP)


def test_r08_rebuild_is_a_reason_to_read_everything(database: Database) -> None:
    make_site(origins=[APP])
    known = loader.load("default")
    execute("DELETE FROM corsadmin_origin")  # nobody is told
    assert loader.load("default", known) is known

    generation.reload_everything()

    assert not allowed(loader.load("default", known), APP)


def test_slugs_that_were_asked_for_are_ready_in_the_next_snapshot(database: Database) -> None:
    make_site(origins=[APP])
    known = loader.load("default")
    assert known.policy("acme") is not None
    generation.reload_everything()

    after = loader.load("default", known)

    assert after.index._slugs is not None
