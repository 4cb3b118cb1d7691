"""A row that a file names in part is judged as it will be, together with what is stored."""

import pytest

from corsadmin.models import Origin, PathRule
from corsadmin.transfer.records.diagnostics import TransferError
from tests.factories import OriginFactory
from tests.transfer.files import acme, document, faults_of, run_import
from tests.transfer.test_unnamed import RISKY, SOUND, site

__all__ = ["site"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        pytest.param({"pattern": RISKY, "credentials": True}, [], id="a risk accepted before"),
        pytest.param(
            {"pattern": RISKY, "risk_accepted": False},
            [("tenants[0].origins[0].pattern", "risk-plain-http")],
            id="a risk that is no longer accepted",
        ),
        pytest.param(
            {"pattern": SOUND, "valid_from": "2028-01-01T00:00:00Z"},
            [("tenants[0].origins[0].valid_until", "window-order")],
            id="a beginning after the end that is stored",
        ),
        pytest.param(
            {"pattern": SOUND, "valid_from": "2028-01-01T00:00:00Z", "valid_until": None},
            [],
            id="a beginning, and no end",
        ),
        pytest.param(
            {"pattern": "http://new.example", "credentials": True},
            [("tenants[0].origins[0].pattern", "risk-plain-http")],
            id="a new row with a risk",
        ),
        pytest.param(
            {"pattern": "http://new.example", "credentials": True, "scope": "api"},
            [("tenants[0].origins[0].scope", "path-leading-slash-missing")],
            id="a new row with a risk and what is wrong whatever is stored",
        ),
    ],
)
def test_a_row_is_judged_as_it_will_be(site, origin, expected):
    OriginFactory(tenant=site, pattern=RISKY, credentials=True, risk_accepted=True)

    assert faults_of(document(acme(origins=[origin]))) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(
            {"path": "/api/", "any_origin": True},
            [("tenants[0].paths[0].any_origin", "any-origin-with-credentials")],
            id="any origin where credentials are stored",
        ),
        pytest.param(
            {"path": "/api/", "any_origin": True, "credentials": False}, [], id="instead of them"
        ),
        pytest.param(
            {"path": "/new/", "credentials": True, "any_origin": True},
            [("tenants[0].paths[0].any_origin", "any-origin-with-credentials")],
            id="both in a new rule",
        ),
    ],
)
def test_a_rule_is_judged_as_it_will_be(site, rule, expected):
    site.paths.update(exclusive=False)

    assert faults_of(document(acme(paths=[rule]))) == expected


def test_a_stored_row_that_is_wrong_and_not_changed_is_nobodys_business(site):
    Origin.objects.filter(tenant=site).update(pattern=RISKY, risk_accepted=False)

    assert run_import(document(acme(origins=[{"pattern": RISKY}])))[0] == []
    assert faults_of(document(acme(origins=[{"pattern": RISKY, "note": "x"}]))) == [
        ("tenants[0].origins[0].pattern", "risk-plain-http")
    ]


def test_a_table_names_the_place_of_what_will_be_wrong(site):
    table = f"tenant,pattern,valid_from\nacme,{SOUND},2028-01-01T00:00:00Z\n"

    assert faults_of(table, format="csv") == [("line 2, valid_until", "window-order")]


def test_no_correction_is_offered_for_what_is_stored(site):
    PathRule.objects.filter(tenant=site).update(methods=["get"])
    content = document(acme(paths=[{"path": "/api/", "note": "x"}]))

    with pytest.raises(TransferError, match="“get”") as caught:
        run_import(content)

    assert {fault.at for fault in caught.value.faults} == {("", None)}
