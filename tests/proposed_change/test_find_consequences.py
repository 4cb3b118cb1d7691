"""What a change locks out and lets in is answered from one reading of what tenants hold."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.losses import LAST, OWN
from tests.factories import OriginFactory, PathRuleFactory, make_site

pytestmark = pytest.mark.django_db

PAGE = "https://admin.example"
OPEN = {"path": "/", "any_origin": True}


@pytest.fixture
def acme():
    """A tenant that lets the page in on a closed path below an open one."""
    acme = make_site("acme", paths=[OPEN, {"path": "/private/"}])
    OriginFactory(tenant=acme, pattern=PAGE)
    return acme


SIGHTINGS = 3  # queries: callers, path rules and entries that were seen


def found(change, page=PAGE):
    consequences = find_consequences(change, page)
    return (
        [(loss.slug, loss.sentence) for loss in consequences.losses],
        [(widening.slug, widening.patterns) for widening in consequences.widenings],
    )


@pytest.mark.parametrize(
    ("rows", "losses", "widenings", "queries"),
    [
        pytest.param(
            PathRule.objects.filter(path="/private/"), [], [("acme", ("/private/",))], 5,
            id="a rule: its tenant, three tables, the rules that stay",
        ),
        pytest.param(
            PathRule.objects.all(), [("acme", OWN)], [], 9,
            id="the platform's rules too: also four queries for its heirs",
        ),
        pytest.param(
            Origin.objects.filter(pattern=PAGE), [("acme", LAST), ("acme", OWN)], [], 5,
            id="an origin: its tenant, three tables, the entries that stay",
        ),
        pytest.param(
            Tenant.objects.filter(slug="acme"), [("acme", LAST), ("acme", OWN)], [], 6,
            id="a tenant: its key, the tenant, three tables, which tenants are gone",
        ),
        pytest.param(
            TenantHost.objects.all(), [("acme", OWN)], [], 5,
            id="a host: its tenant, three tables, the hosts that stay",
        ),
    ],
)  # fmt: skip
def test_one_reading_answers_both_questions(acme, rows, losses, widenings, queries):
    PathRuleFactory(tenant=Tenant.objects.platform(), path="/staff/")

    with CaptureQueriesContext(connection) as asked:
        answers = found(ProposedChange.from_deletes(rows))

    assert answers == (losses, widenings)
    assert len(asked) == queries + SIGHTINGS


def test_a_change_that_nobody_makes_on_a_page_loses_nothing(acme):
    assert found(ProposedChange.from_deletes(Origin.objects.all()), page=None) == ([], [])


@pytest.mark.parametrize("page", ["null", "file://", "https://a b"])
def test_a_page_without_an_origin_loses_only_what_is_the_last(acme, page):
    gone = found(ProposedChange.from_deletes(Origin.objects.all()), page)

    assert gone == ([("acme", LAST)], [])


def test_no_entry_hides_a_widening_from_the_question(acme):
    """An entry for the page, however wide, never makes the page one of the strangers."""
    page = "https://stranger.invalid"
    OriginFactory(tenant=acme, pattern="https://*.invalid")

    assert found(ProposedChange.from_deletes(PathRule.objects.filter(path="/private/")), page) == (
        [],
        [("acme", ("/private/",))],
    )


def test_scopes_of_entries_are_not_named_as_widened_paths(acme):
    OriginFactory(tenant=acme, pattern=PAGE, scope="/private/keys/")

    assert found(ProposedChange.from_deletes(PathRule.objects.filter(path="/private/"))) == (
        [],
        [("acme", ("/private/",))],
    )


def test_tenants_are_read_in_batches(acme, monkeypatch):
    monkeypatch.setattr("corsadmin.proposed_change.touched.MAX_KEYS", 1)
    monkeypatch.setattr("corsadmin.proposed_change.consequences.MAX_PAIRS", 1)
    make_site("rival", paths=[OPEN, {"path": "/private/"}])

    assert found(ProposedChange.from_deletes(PathRule.objects.filter(path="/private/"))) == (
        [],
        [("acme", ("/private/",)), ("rival", ("/private/",))],
    )
