"""What a file does not name of a stored row stays; what it names is judged together with that."""

import json
from datetime import UTC, datetime

import pytest

from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.transfer.formats.rejects import write_csv_rejects, write_json_rejects
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan.apply import Signature, apply_plan
from corsadmin.transfer.records.record_types import KINDS, ORIGIN, PATH, TENANT
from corsadmin.transfer.report import plan_lines
from tests.factories import make_site
from tests.transfer.files import (
    acme,
    apply_file,
    as_file,
    counter,
    document,
    run_import,
    stored,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

END = datetime(2027, 1, 31, tzinfo=UTC)
SOUND = "https://app.acme.example"
RISKY = "http://old.acme.example"
# Values that are not the default, for every key that a file may leave out.
TENANT_KEYS = {"name": "Acme", "is_active": False, "inherits_platform": False, "note": "kept"}
ORIGIN_KEYS = {
    "credentials": True,
    "enabled": False,
    "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
    "valid_until": END,
    "risk_accepted": True,
    "made_by": "ci",
    "note": "kept",
}
PATH_KEYS = {
    "enabled": False,
    "exclusive": True,
    "any_origin": False,
    "credentials": True,
    "methods": ["PUT"],
    "request_headers": ["x-a"],
    "exposed_headers": ["x-b"],
    "max_age": 5,
    "refuse_unlisted": True,
    "note": "kept",
}
PLAIN = {
    "tenants": {},
    "origins": {"origins": [{"pattern": SOUND}]},
    "paths": {"paths": [{"path": "/api/"}]},
}
KEYS = {TENANT: TENANT_KEYS, ORIGIN: ORIGIN_KEYS, PATH: PATH_KEYS}


@pytest.fixture
def site():
    return make_site(
        "acme", origins=[{"pattern": SOUND, **ORIGIN_KEYS}], paths=[PATH_KEYS], **TENANT_KEYS
    )


def test_the_keys_of_these_tests_are_all_that_a_file_may_leave_out():
    lists = {kind.section for kind in KINDS if kind is not TENANT}
    assert {kind: set(kind.bits) for kind in KEYS} == {
        kind: set(keys) | (lists if kind is TENANT else set()) for kind, keys in KEYS.items()
    }


@pytest.mark.parametrize("prune", [False, True], ids=["", "prune"])
@pytest.mark.parametrize("section", PLAIN)
def test_a_key_that_a_file_leaves_out_stays(site, section, prune):
    before = counter(), stored()

    lines, _made = run_import(document(acme(**PLAIN[section])), prune=prune)

    assert lines == []
    assert (counter(), stored()) == before


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, name, id=f"{kind.name} {name}")
        for kind, keys in KEYS.items()
        for name in keys
    ],
)
def test_of_a_row_that_is_named_in_part_only_that_part_changes(site, kind, name):
    default = next(column for column in kind.columns if column.name == name).default()
    row = kind.model.objects.get(**({"slug": "acme"} if kind is TENANT else {"tenant": site}))
    opens = name == "any_origin"
    PathRule.objects.update(any_origin=opens, credentials=not opens, exclusive=not opens)
    before = kind.model.objects.filter(pk=row.pk).values().get()
    plain = {"tenants": acme(), "origins": {"pattern": SOUND}, "paths": {"path": "/api/"}}
    written = plain[kind.section] | {name: default}

    run_import(document(written if kind is TENANT else acme(**{kind.section: [written]})))

    after = kind.model.objects.filter(pk=row.pk).values().get()
    assert {key for key in after if after[key] != before[key]} - {"modified", "generation"} == {
        name
    }


def test_the_whole_truth_gives_the_default_to_what_it_leaves_out(site):
    lines, _made = run_import(document(acme(origins=[{"pattern": SOUND}])), prune=True, whole=True)

    assert lines == [
        "- acme: host acme.example.net",
        "- acme: path /api/",
        (
            '~ acme: tenant: name "Acme" → "", is_active false → true, inherits_platform false →'
            ' true, note "kept" → ""'
        ),
        (
            "~ acme: origin https://app.acme.example: credentials true → false, enabled false →"
            ' true, valid_from "2026-01-01T00:00:00Z" → null, valid_until "2027-01-31T00:00:00Z"'
            ' → null, risk_accepted true → false, made_by "ci" → "", note "kept" → ""'
        ),
    ]


@pytest.mark.parametrize("section", ["hosts", "origins", "paths"])
def test_prune_takes_an_empty_list_for_a_list_and_a_missing_one_for_nothing(site, section):
    def rows():
        return {name: getattr(site, name).count() for name in ("hosts", "origins", "paths")}

    assert run_import(document(acme()), prune=True)[0] == []
    assert run_import(document(acme(**{section: []})))[0] == []
    lines, _made = run_import(document(acme(**{section: []})), prune=True)

    assert len(lines) == 1
    assert rows() == {name: int(name != section) for name in rows()}


def test_a_list_may_come_before_the_slug(site):
    run_import('{"version": 1, "tenants": [{"origins": [], "slug": "acme"}]}', prune=True)

    assert (site.origins.count(), site.paths.count(), site.hosts.count()) == (0, 1, 1)


def test_a_new_row_takes_the_default():
    run_import(document(acme(origins=[{"pattern": SOUND}], paths=[{"path": "/api/"}])))

    assert Tenant.objects.get(slug="acme").is_active is True
    assert Origin.objects.get().enabled is True
    assert PathRule.objects.get().request_headers == ["content-type"]


@pytest.mark.parametrize(
    ("heading", "row", "changed"),
    [
        pytest.param("tenant,pattern", f"acme,{SOUND}", {}, id="no other column"),
        pytest.param(
            "tenant,pattern,note", f"acme,{SOUND},new", {"note": "new"}, id="a column of notes"
        ),
        pytest.param(
            "tenant,pattern,valid_until,enabled",
            f"acme,{SOUND},,",
            {"valid_until": None, "enabled": True},
            id="empty cells",
        ),
    ],
)
def test_an_absent_column_is_a_missing_key_and_an_empty_cell_the_default(
    site, heading, row, changed
):
    before = site.origins.values().get()

    apply_file(f"{heading}\n{row}\n", Signature(), format="csv")

    after = site.origins.values().get()
    assert {**after, "modified": None} == {**before, "modified": None, **changed}


def test_a_rejected_row_keeps_what_was_written_of_it_and_no_more(site):
    site.paths.update(methods=["a b"], exclusive=False)
    rule = {"path": "/api/", "any_origin": True}
    sound = {"path": "/b/"}

    with plan_import(
        as_file(document(acme(note="new", paths=[rule, sound]))), Choices(skip_invalid=True)
    ) as found:
        apply_plan(found.plan, Signature())
        (tenant,) = json.loads("".join(write_json_rejects(found.rejects)))["tenants"]

    (rejected,) = tenant.pop("paths")
    assert tenant == {"slug": "acme", "note": "new"}
    assert len(rejected.pop("problems")) == 2
    assert rejected == rule
    assert sorted(site.paths.values_list("path", flat=True)) == ["/api/", "/b/"]


def test_a_rejected_row_of_a_table_has_the_columns_of_that_table(site):
    table = f"tenant,pattern,note\nacme,{SOUND},new\nacme,{SOUND}:443,x\n"

    with plan_import(as_file(table), Choices(format="csv", skip_invalid=True)) as found:
        heading, row = "".join(write_csv_rejects(found.rejects)).splitlines()

    assert heading == "tenant,pattern,note,problems"
    assert row.startswith(f"acme,{SOUND}:443,x,")


def test_what_somebody_else_has_written_meanwhile_stays(site):
    content = document(acme(origins=[{"pattern": SOUND, "note": "new"}]))
    shown: list[str] = []

    with plan_import(as_file(content), Choices()) as found:
        row = site.origins.get()
        row.enabled = True
        row.save()
        apply_plan(found.plan, Signature(), remade=lambda plan: shown.extend(plan_lines(plan)))

    assert shown == [
        '  ~ acme: origin https://app.acme.example: note "kept" → "new"',
    ]
    row.refresh_from_db()
    assert (row.enabled, row.note) == (True, "new")
