"""A file must say why exactly where a page must: the same rule judges the rows of both."""

from itertools import product

import pytest

from corsadmin.engine.entries import check_origin
from corsadmin.models import Origin, PathRule
from corsadmin.models.policy_rows import origin_text
from corsadmin.proposed_change.risk_acceptance import accepts_risk
from corsadmin.transfer.importing import Choices, plan_import
from corsadmin.transfer.plan.permissions import unexplained
from tests.factories import TenantFactory
from tests.transfer.files import acme, as_file, document

FLAGS = (False, True)
# Harmless and dangerous ones: what is dangerous with credentials, no SQL can say.
PATTERNS = (
    "https://app.acme.example",
    "https://*.acme.example",
    "http://app.acme.example",
    "http://localhost:*",
    "https://*.github.io",
)
# With credentials a star opens what a listed origin asks for.
LISTS = (
    {"methods": ["GET"], "request_headers": ["x-a"]},
    {"methods": ["GET", "*"], "request_headers": ["x-a"]},
    {"methods": ["*"], "request_headers": ["*"]},
)
STATES = [None, *product(FLAGS, repeat=3)]


def origin(number, pattern, state):
    credentials, enabled, risk_accepted = state
    return {
        "pattern": pattern,
        "scope": f"/{number}/",
        "credentials": credentials,
        "enabled": enabled,
        "risk_accepted": risk_accepted,
    }


def rule(number, lists, state):
    credentials, enabled, any_origin = state
    return {
        "path": f"/{number}/",
        **lists,
        "enabled": enabled,
        "any_origin": any_origin,
        "credentials": credentials and not any_origin,
    }


def moves(make, *kinds):
    """Return every (before, after), each of a row of its own."""
    pairs = product(*kinds, STATES, STATES[1:])
    return [
        (before and make(number, *kind, before), make(number, *kind, after))
        for number, (*kind, before, after) in enumerate(pairs)
    ]


def expected(model, section, pairs):
    """Return the places of the rows of which a page would ask why."""
    return [
        f"tenants[0].{section}[{place}]"
        for place, (before, after) in enumerate(pairs)
        if accepts_risk(before and model(**before), model(**after))
    ]


def is_sound(row):
    """Report whether the gate takes a row: of an origin, an unaccepted danger is refused anyway."""
    return "pattern" not in row or not check_origin(origin_text(Origin(**row)))


@pytest.mark.parametrize(
    ("model", "section", "pairs"),
    [
        pytest.param(
            Origin,
            "origins",
            moves(origin, PATTERNS),
            id="origin entries",
        ),
        pytest.param(PathRule, "paths", moves(rule, LISTS), id="path rules"),
    ],
)
def test_a_file_must_say_why_where_a_page_must(database, model, section, pairs):
    tenant = TenantFactory(slug="acme", name="")
    pairs = [pair for pair in pairs if is_sound(pair[1])]
    model.objects.bulk_create(
        [model(tenant=tenant, **before) for before, _after in pairs if before]
    )
    places = expected(model, section, pairs)
    content = document(acme(**{section: [after for _before, after in pairs]}))

    with plan_import(as_file(content), Choices()) as found:
        faults = unexplained(found.plan)

    assert 0 < len(places) < len(pairs)
    assert [(fault.place, fault.code) for fault in faults] == [
        (place, "reason-missing") for place in places
    ]
