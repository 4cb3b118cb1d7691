"""Which changes open an exclusive path to origins that are not scoped to it."""

from typing import Any

import pytest

from corsadmin.models import PathRule, Tenant
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences
from corsadmin.proposed_change.losses import OPENED, OWN
from tests.factories import OriginFactory, PathRuleFactory, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE = "https://admin.example"
ADMIN: dict[str, Any] = {"path": "/api/admin/", "exclusive": True}
WIDE: dict[str, Any] = {"path": "/"}


def found(change: ProposedChange, sentence: Any = OPENED) -> list[str]:
    losses = find_consequences(change, PAGE).losses
    return [loss.slug for loss in losses if loss.sentence is sentence]


def changed(rule: PathRule, **fields: Any) -> ProposedChange:
    for name, value in fields.items():
        setattr(rule, name, value)
    return ProposedChange.from_rows([rule])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"exclusive": False}, True, id="no longer exclusive"),
        pytest.param({"enabled": False}, True, id="disabled below a wider rule"),
        pytest.param({"path": "/api/admin/x/"}, True, id="moved to a narrower path"),
        pytest.param({"path": "/api/"}, True, id="moved to a wider path"),
        pytest.param({"path": "/other/"}, True, id="moved elsewhere"),
        pytest.param({"exclusive": False, "any_origin": True}, False, id="open to any origin"),
        pytest.param({"methods": ["PUT"]}, False, id="other methods"),
        pytest.param({"methods": ["a b"], "exclusive": False}, False, id="no longer sound"),
        pytest.param({"credentials": True}, False, id="with credentials"),
    ],
)
def test_a_change_of_the_rule_itself(fields: dict[str, Any], expected: bool) -> None:
    acme = make_site("acme", paths=[ADMIN, WIDE])

    assert found(changed(acme.paths.get(path="/api/admin/"), **fields)) == ["acme"] * expected


@pytest.mark.parametrize(
    ("wide", "expected"),
    [
        pytest.param([WIDE], True, id="below an ordinary rule"),
        pytest.param([{**WIDE, "any_origin": True}], False, id="below a rule for any origin"),
        pytest.param(
            [{"path": "/api/", "exclusive": True}], True, id="below another exclusive one"
        ),
        pytest.param([], False, id="below no rule"),
    ],
)
def test_a_rule_that_is_deleted(wide: list[dict[str, Any]], expected: bool) -> None:
    acme = make_site("acme", paths=[ADMIN, *wide])

    change = ProposedChange.from_deletes(acme.paths.filter(path="/api/admin/"))

    assert found(change) == ["acme"] * expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param({"path": "/api/admin/x/"}, True, id="ordinary and narrower"),
        pytest.param({"path": "/api/admin/{$}"}, True, id="ordinary, for the path alone"),
        pytest.param({"path": "/api/admin/*/x"}, True, id="ordinary, with a star"),
        pytest.param({"path": "/api/admin/x/", "enabled": False}, False, id="disabled"),
        pytest.param({"path": "/api/admin/x/", "exclusive": True}, False, id="exclusive as well"),
        pytest.param({"path": "/api/other/"}, False, id="beside it"),
        pytest.param({"path": "/api/"}, False, id="around it"),
    ],
)
@pytest.mark.parametrize("owner", ["acme", "platform"])
def test_a_rule_that_is_added(rule: dict[str, Any], expected: bool, owner: str) -> None:
    acme = make_site("acme", paths=[WIDE])
    PathRuleFactory(tenant=Tenant.objects.get(slug=owner), **ADMIN)

    change = ProposedChange.from_rows([PathRule(tenant=acme, **rule)])

    assert found(change) == ["acme"] * expected


@pytest.mark.parametrize("field", ["inherits_platform", "is_active"])
def test_a_tenant_that_leaves_the_platforms_rule(field: str) -> None:
    acme = make_site("acme", paths=[WIDE])
    PathRuleFactory(tenant=Tenant.objects.platform(), **ADMIN)
    setattr(acme, field, False)

    assert found(ProposedChange.from_rows([acme])) == ["acme"] * (field == "inherits_platform")


def test_a_tenant_that_is_switched_on_opens_nothing_that_was_in_force() -> None:
    acme = make_site("acme", paths=[ADMIN, WIDE], is_active=False)
    acme.is_active = True

    assert found(ProposedChange.from_rows([acme])) == []


def test_the_platforms_rule_is_told_of_the_platform() -> None:
    platform = Tenant.objects.platform()
    rule = PathRuleFactory(tenant=platform, **ADMIN)
    make_site("acme", paths=[WIDE])

    assert found(changed(rule, exclusive=False)) == ["platform"]


@pytest.mark.parametrize(
    ("guarded", "wide", "expected"),
    [
        pytest.param("/api/admin/", "/", True, id="a rule for every path"),
        pytest.param("/api/admin/", "/api/", True, id="a rule around it"),
        pytest.param("/api/admin/", "/*/admin/", True, id="a rule with a star"),
        pytest.param("/api/admin/{$}", "/api/admin/", True, id="a rule around one path"),
        pytest.param("/*/admin/", "/", True, id="a rule around a star"),
        pytest.param("/api/admin/", "/api/admin/", False, id="a rule of its own on the same path"),
        pytest.param("/api/admin/", "/api/admin/x/", False, id="a rule below it"),
        pytest.param("/api/admin/", "/other/", False, id="a rule elsewhere"),
    ],
)
@pytest.mark.parametrize("fields", [{"enabled": False}, {"path": "/moved"}], ids=["off", "moved"])
def test_heirs_whose_own_rules_the_platforms_rule_kept_shut(
    fields: dict[str, Any], guarded: str, wide: str, expected: bool
) -> None:
    platform = Tenant.objects.platform()
    rule = PathRuleFactory(tenant=platform, path=guarded, exclusive=True)
    make_site("acme", paths=[{"path": wide}])
    make_site("rival", paths=[{"path": wide}], inherits_platform=False)

    assert found(ProposedChange.from_deletes(platform.paths.all())) == ["acme"] * expected
    assert found(changed(rule, **fields)) == ["acme"] * expected


def test_a_change_of_the_platforms_origins_opens_no_path() -> None:
    platform = Tenant.objects.platform()
    PathRuleFactory(tenant=platform, **ADMIN)
    OriginFactory(tenant=platform, pattern=PAGE)
    make_site("acme", paths=[WIDE])

    assert found(ProposedChange.from_deletes(platform.origins.all())) == []


def test_a_change_of_origins_opens_no_path() -> None:
    acme = make_site("acme", origins=[PAGE], paths=[ADMIN, WIDE])

    assert found(ProposedChange.from_deletes(acme.origins.all())) == []


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param("", True, id="listed for every path"),
        pytest.param("/api/", True, id="listed for a wider path"),
        pytest.param("/api/admin/", False, id="scoped to the path"),
    ],
)
def test_a_rule_that_becomes_exclusive_may_refuse_the_page_in_use(
    scope: str, expected: bool
) -> None:
    acme = make_site(
        "acme", origins=[{"pattern": PAGE, "scope": scope}], paths=[{"path": "/api/admin/"}, WIDE]
    )

    change = changed(acme.paths.get(path="/api/admin/"), exclusive=True)

    assert found(change, OWN) == ["acme"] * expected


def test_without_a_page_nothing_is_asked() -> None:
    acme = make_site("acme", paths=[ADMIN, WIDE])
    change = changed(acme.paths.get(path="/api/admin/"), exclusive=False)

    assert find_consequences(change, None).losses == []
