"""From real calls to the impact of a change, and back: the calls are sent again once it is made."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import corsadmin
from corsadmin import sightings
from corsadmin.models import Origin, PathRule, Tenant
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.sightings.impacts import Impact
from corsadmin.sightings.ring import SAMPLED
from tests.factories import make_site

pytestmark = pytest.mark.slow

APP, WWW, EVIL = "https://app.example.com", "https://www.example.com", "https://evil.example"
ONE = "https://one.acme.dev"
HOST = "acme.example.net"
CALLS = [
    *((origin, path, "") for origin in (APP, WWW, EVIL) for path in ("/api/x", "/v2/y")),
    (APP, "/api/x", "PUT"),
    (EVIL, "/api/x", "PUT"),
]


@pytest.fixture
def acme(db: None, settings: Any, new_process: None) -> Tenant:
    """A tenant that answered every call once."""
    settings.ALLOWED_HOSTS = [HOST]
    acme: Tenant = make_site(
        "acme",
        origins=[APP, WWW, "https://*.acme.dev"],
        paths=[{"path": "/api/", "methods": ["PUT"]}, {"path": "/v2/"}],
    )
    assert let_in() == {call for call in CALLS if EVIL not in call}
    sightings.flush()
    return acme


def let_in() -> set[tuple[str, str, str]]:
    """Send all calls, and return those that are let in."""
    corsadmin.refresh()
    return {call for call in CALLS if _is_let_in(*call)}


def _is_let_in(origin: str, path: str, method: str) -> bool:
    headers = {"host": HOST, "origin": origin}
    if method:
        asked = {**headers, "access-control-request-method": method}
        return "Access-Control-Allow-Origin" in Client().options(path, headers=asked).headers
    return "Access-Control-Allow-Origin" in Client().get(path, headers=headers).headers


def without(pattern: str) -> ProposedChange:
    return ProposedChange.from_deletes(Origin.objects.filter(pattern=pattern))


def ended() -> ProposedChange:
    row = Origin.objects.get(pattern=WWW)
    row.valid_until = timezone.now() - timedelta(days=1)
    return ProposedChange.from_rows([row])


def narrowed() -> ProposedChange:
    row = Origin.objects.get(pattern=WWW)
    row.scope = "/api/"
    return ProposedChange.from_rows([row])


def fewer_methods() -> ProposedChange:
    row = PathRule.objects.get(path="/api/")
    row.methods = ["GET"]
    return ProposedChange.from_rows([row])


def open_to(pattern: str) -> ProposedChange:
    tenant = Tenant.objects.get(slug="acme")
    return ProposedChange.from_rows([Origin(tenant=tenant, pattern=pattern)])


def carry_out(change: ProposedChange) -> None:
    for row in change.upserts:
        row.save()
    for rows in change.deletes.values():
        rows.delete()


def told(impact: Impact) -> dict[str, set[tuple[str, str]]]:
    kinds = {"lost": impact.lost, "opened": impact.opened}
    return {
        kind: {(one.origin, str(one.depends)) for one in some}
        for kind, some in kinds.items()
        if some
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda: without(APP), {"lost": {(APP, "")}}, id="an entry deleted"),
        pytest.param(ended, {"lost": {(WWW, "")}}, id="an entry ended"),
        pytest.param(narrowed, {"lost": {(WWW, "path")}}, id="an entry scoped"),
        pytest.param(lambda: open_to(EVIL), {"opened": {(EVIL, "")}}, id="an entry added"),
        pytest.param(fewer_methods, {}, id="a method taken away"),
    ],
)
def test_what_was_said_is_what_happens(acme: Tenant, change: Any, expected: Any) -> None:
    before = let_in()
    proposed = change()

    (found,) = find_consequences(proposed, None).impact.tenants
    carry_out(proposed)
    after = let_in()

    said = told(found.impact)
    lost = {origin for origin, _path, _method in before - after}
    opened = {origin for origin, _path, _method in after - before}
    assert said == expected
    assert opened == {origin for origin, _depends in said.get("opened", ())}
    assert {origin for origin, depends in said.get("lost", ()) if not depends} <= lost
    assert bool(lost) == bool(said.get("lost") or found.impact.names)
    assert [(one.rule, one.methods) for one in found.impact.names] == (
        [("/api/", ("PUT",))] if change is fewer_methods else []
    )


def test_one_call_in_64_below_a_wildcard_leaves_its_origin(acme: Tenant) -> None:
    for _call in range(SAMPLED):
        assert _is_let_in(ONE, "/api/x", "")
    sightings.flush()

    (found,) = find_consequences(without("https://*.acme.dev"), None).impact.tenants

    assert [(one.origin, one.calls, one.depends) for one in found.impact.lost] == [
        (ONE, SAMPLED, "")
    ]
