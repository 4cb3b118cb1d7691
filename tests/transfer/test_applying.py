"""What was planned is carried out as a whole, once, and kept in the history."""

from datetime import UTC, datetime

import pytest

import corsadmin
from corsadmin.models import Generation, Origin, PathRule, Tenant, generation
from corsadmin.models.counter import plain_rows
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.records.diagnostics import TransferError
from corsadmin.transfer.report import plan_lines
from tests.factories import OriginFactory, TenantFactory, UserFactory, make_site
from tests.transfer.files import API, APP, acme, as_file, counter, document, run_import, stored

pytestmark = pytest.mark.django_db


def test_history_holds_every_row_with_author_and_reason():
    site = make_site("acme", origins=["https://old.example", APP["pattern"]])
    Origin.history.all().delete()
    user = UserFactory()

    run_import(
        document(acme(origins=[APP, {"pattern": "https://new.example"}])),
        prune=True,
        signature=Signature("OPS-12", user.pk),
    )

    records = Origin.history.order_by("pattern").values_list(
        "history_type", "pattern", "credentials", "tenant", "history_user", "history_change_reason"
    )
    assert list(records) == [
        ("~", "https://app.acme.example", True, site.pk, user.pk, "Import: OPS-12"),
        ("+", "https://new.example", False, site.pk, user.pk, "Import: OPS-12"),
        ("-", "https://old.example", False, site.pk, user.pk, "Import: OPS-12"),
    ]
    added = Origin.history.get(history_type="+")
    assert added.id == Origin.objects.get(pattern="https://new.example").pk
    assert added.prev_record is None
    assert not Tenant.history.filter(id=site.pk, history_user=user).exists()
    assert not PathRule.history.filter(history_user=user).exists()


def test_history_without_author_and_reason():
    run_import(document(acme()))

    record = Tenant.history.get(slug="acme")
    assert (record.history_user, record.history_change_reason) == (None, "Import")


def test_one_import_moves_the_counter_once_and_stamps_only_the_tenants_it_touches():
    make_site("acme", name="")
    rival = make_site("rival", name="")
    before, rebuild = counter()

    run_import(
        document(
            acme(hosts=["acme.example.net"], origins=[APP], paths=[{"path": "/api/"}]),
            {"slug": "rival", "hosts": ["rival.example.net"]},
            {"slug": "third", "origins": [APP]},
        )
    )

    assert counter() == (before + 1, rebuild)
    stamped = Tenant.objects.filter(generation=before + 1).values_list("slug", flat=True)
    assert set(stamped) == {"acme", "third"}
    rival.refresh_from_db()
    assert rival.generation <= before


def test_what_is_imported_governs_requests(client):
    paths = [{"path": "/orders", "methods": ["GET"]}]
    run_import(document(acme(hosts=["acme.localhost"], origins=[APP], paths=paths)))
    corsadmin.refresh()

    response = client.get("/orders", headers={"host": "acme.localhost", "origin": APP["pattern"]})

    assert response["Access-Control-Allow-Origin"] == APP["pattern"]


def test_a_plan_is_made_anew_when_the_database_has_moved():
    site = make_site("acme", name="")
    shown: list[str] = []

    with plan_import(as_file(document(acme(origins=[APP]))), Choices()) as found:
        OriginFactory(tenant=site, pattern=APP["pattern"])
        made = apply_plan(
            found.plan, Signature(), remade=lambda plan: shown.extend(plan_lines(plan))
        )

    assert shown == [
        '  ~ acme: origin https://app.acme.example: credentials false → true, note "" → "OPS-12"'
    ]
    assert made == counter()[0]
    assert site.origins.get().note == "OPS-12"


def test_what_somebody_else_has_done_meanwhile_is_not_done_again():
    shown = []
    with plan_import(as_file(document(acme(origins=[APP]))), Choices()) as found:
        OriginFactory(tenant=TenantFactory(slug="acme", name=""), **APP)
        before = counter(), stored()

        made = apply_plan(found.plan, Signature(), remade=lambda plan: shown.append(plan.is_empty))

    assert shown == [True]
    assert made == found.plan.generation == before[0][0]
    assert (counter(), stored()) == before


def test_a_plan_that_was_shown_is_refused_when_the_database_has_moved():
    site = make_site("acme", name="")
    with plan_import(as_file(document(acme(origins=[APP]))), Choices()) as found:
        OriginFactory(tenant=site, pattern="https://other.example")
        before = counter()

        with pytest.raises(TransferError, match=f"generation {before[0]}"):
            apply_plan(found.plan, Signature())

    assert counter() == before
    assert site.origins.get().pattern == "https://other.example"


def test_a_plan_that_became_impossible_is_refused():
    with plan_import(as_file(document(acme(hosts=["x.example"]))), Choices()) as found:
        TenantFactory(slug="rival").hosts.create(host="x.example")

        with pytest.raises(TransferError, match="rival"):
            apply_plan(found.plan, Signature(), remade=lambda plan: None)

    assert not Tenant.objects.filter(slug="acme").exists()


def test_a_flushed_database_that_lost_its_counter_is_not_one_that_moved():
    Generation.objects.all().delete()

    lines, made = run_import(document(acme()), expected=0)

    assert lines == ["+ acme: tenant"]
    assert made == counter()[0] > 0


def test_a_plan_may_be_applied_inside_another_change():
    with generation.change("default"):
        _lines, made = run_import(document(acme()))

    assert made == counter()[0]


def test_an_expected_generation_that_is_right_is_accepted():
    lines, _made = run_import(document(acme()), expected=counter()[0])

    assert lines == ["+ acme: tenant"]


def test_a_failure_while_writing_leaves_nothing_behind():
    before = counter(), stored()
    content = document(acme(origins=[APP], paths=[API]))
    # No database takes this for a user, so the history of the first row fails.
    broken = Signature("", object())

    with (
        pytest.raises(TypeError, match="expected a number"),
        plan_import(as_file(content), Choices()) as found,
    ):
        apply_plan(found.plan, broken)

    assert (counter(), stored()) == before


@pytest.mark.parametrize("limit", [1, 20_000], ids=["more than are stamped", "few"])
def test_an_import_moves_the_date_of_each_tenant_that_it_touches(monkeypatch, limit):
    monkeypatch.setattr(generation, "MAX_STAMPED_TENANTS", limit)
    for slug in ("gains", "loses", "stays"):
        make_site(slug, name="", origins=["https://old.example"])
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    plain_rows("Tenant", "default").update(modified=long_ago)

    run_import(
        document(
            {"slug": "gains", "origins": [{"pattern": "https://new.example"}]},
            {"slug": "loses", "origins": [{"pattern": "https://old.example", "enabled": False}]},
            {"slug": "stays", "origins": [{"pattern": "https://old.example"}]},
        ),
    )

    moved = Tenant.objects.exclude(modified=long_ago).values_list("slug", flat=True)
    assert sorted(moved) == ["gains", "loses"]
