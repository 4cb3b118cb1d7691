"""Audit files: who added, changed and accepted what, in cells that no spreadsheet runs."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from simple_history.models import HistoricalRecords

from corsadmin.models import EntrySeen, Origin, PathRule, RuleNames, TenantMember
from corsadmin.transfer.audit import table as table_module
from corsadmin.transfer.audit.cells import audit_cell
from corsadmin.transfer.audit.table import AuditTable
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory, make_site


@pytest.fixture
def by(db, monkeypatch):
    """Write the rows of a test as somebody, for a reason."""
    people: dict[str, Any] = {}

    def write(name, row, reason="", **values):
        user = people.setdefault(name, UserFactory(username=name)) if name else None
        request = SimpleNamespace(user=user, corsadmin_reason=reason)
        monkeypatch.setattr(HistoricalRecords.context, "request", request, raising=False)
        for field, value in values.items():
            setattr(row, field, value)
        row.save()
        monkeypatch.delattr(HistoricalRecords.context, "request")
        return row

    return write


def read(rows, access=None):
    """Return the table of some rows, as a dict for each."""
    table = AuditTable(rows, access)
    return [dict(zip(table.heading, cells, strict=True)) for cells in table]


def test_an_origin_with_all_that_is_known_of_it(by):
    acme = make_site("acme")
    end = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
    row = Origin(
        tenant=acme, pattern="http://app.example", scope="/api/", note="shop", valid_until=end
    )
    by("ann", row, "OPS-1")
    by("bob", row, "OPS-2", credentials=True, risk_accepted=True)
    by("cid", row, "OPS-3", note="the shop")
    EntrySeen.objects.create(entry=row, first_day="2026-01-01", last_day="2026-02-03")
    row.refresh_from_db()
    accepted = row.history.get(history_change_reason="OPS-2").history_date

    assert read(Origin.objects.all()) == [
        {
            "tenant": "acme",
            "pattern": "http://app.example",
            "scope": "/api/",
            "credentials": "true",
            "enabled": "true",
            "valid_from": "",
            "valid_until": "2030-01-02T03:04:00Z",
            "note": "the shop",
            "made_by": "",
            "risk_accepted": "true",
            "risk": "risk-plain-http",
            "risk_accepted_by": "bob",
            "risk_accepted_on": audit_cell(accepted),
            "added": audit_cell(row.created),
            "added_by": "ann",
            "changed": audit_cell(row.modified),
            "changed_by": "cid",
            "reason": "OPS-3",
            "last_used": "2026-02-03",
        }
    ]


def test_a_path_rule_with_all_that_is_known_of_it(by):
    row = PathRule(tenant=make_site("acme", paths=[]), path="/open/", methods=["GET", "PUT"])
    by("ann", row)
    by("bob", row, "public", any_origin=True)
    RuleNames.objects.create(
        tenant=row.tenant, rule="/open/", first_day="2026-01-01", last_day="2026-02-03"
    )
    RuleNames.objects.create(
        tenant=make_site("other"), rule="/open/", first_day="2026-01-01", last_day="2026-05-05"
    )

    found, _other = read(PathRule.objects.all())

    assert found.keys() >= {"exclusive", "refuse_unlisted", "max_age", "exposed_headers"}
    assert (
        found
        | {
            "tenant": "acme",
            "path": "/open/",
            "methods": "GET, PUT",
            "request_headers": "content-type",
            "risk": "any-origin",
            "risk_accepted_by": "bob",
            "added_by": "ann",
            "changed_by": "bob",
            "reason": "public",
            "last_used": "2026-02-03",
        }
        == found
    )


def test_a_member(by):
    member = TenantMember(
        tenant=make_site("acme"), user=UserFactory(username="dora"), role="editor"
    )
    by("ann", member, "hired")

    (found,) = read(TenantMember.objects.all())

    assert [*found] == [
        *("tenant", "user", "role"),
        *("added", "added_by", "changed", "changed_by", "reason"),
    ]
    assert found | {"user": "dora", "role": "editor", "added_by": "ann", "reason": "hired"} == found


def test_the_acceptance_that_counts_is_the_first_since_it_was_last_withdrawn(by):
    row = Origin(tenant=make_site("acme"), pattern="http://a.example", risk_accepted=True)
    by("ann", row)
    by("bob", row, risk_accepted=False)
    assert read(Origin.objects.all())[0]["risk_accepted_by"] == ""

    by("cid", row, risk_accepted=True)
    by("dan", row, note="x")

    assert read(Origin.objects.all())[0]["risk_accepted_by"] == "cid"


def test_what_nobody_recorded_is_blank(by):
    acme = make_site("acme")
    Origin.objects.bulk_create([Origin(tenant=acme, pattern="https://a.example")])
    by(None, Origin(tenant=acme, pattern="https://b.example"))

    found = read(Origin.objects.all())

    assert [(row["added_by"], row["changed_by"], row["reason"]) for row in found] == [("",) * 3] * 2
    assert all(row["added"] for row in found)


def test_the_time_at_another_tenant_is_not_told(by):
    row = by("ann", Origin(tenant=make_site("rival"), pattern="https://a.example"), "secret")
    by("bob", row, "moved", tenant=make_site("acme"))

    (found,) = read(Origin.objects.all())

    assert (found["added_by"], found["changed_by"], found["reason"]) == ("", "bob", "moved")


def test_rows_are_read_in_pages_and_may_go_meanwhile(db, monkeypatch):
    monkeypatch.setattr(table_module, "PAGE_ROWS", 2)
    acme, rival = make_site("acme"), make_site("rival")
    for number in range(6):
        OriginFactory(
            tenant=rival if number in {2, 3} else acme, pattern=f"https://{number}.example"
        )
    rows = iter(AuditTable(Origin.objects.order_by("pattern")))

    found = [next(rows)]
    rival.delete()
    found += rows

    assert [cells[1] for cells in found] == [f"https://{number}.example" for number in (0, 1, 4, 5)]


def test_members_are_no_part_of_what_callers_do(db):
    TenantMemberFactory(tenant=make_site("acme"))

    assert "last_used" not in read(TenantMember.objects.all())[0]
