"""Whichever door a change comes through: what lets strangers in further needs leave and a reason.

Each way of widening is tried at each door that can do it, and a stranger asks before and after.
"""

import pytest

from corsadmin.models import Tenant
from tests.admin.change_doors import (
    action,
    commanded,
    deleted,
    imported,
    inline,
    put_back,
    reverted,
    saved,
)
from tests.admin.conftest import log_in
from tests.admin.opening import is_open, rule, staff
from tests.factories import make_site

OPEN = {"path": "/", "any_origin": True}
PRIVATE = {"path": "/private/"}
WHY = "OPS-1"


@pytest.fixture(autouse=True)
def _any_host(settings):
    settings.ALLOWED_HOSTS = ["*"]


# Worlds: in each, one step of one row lets a stranger read /private/data of acme.


def narrower_rule():
    """Acme is open, but for a narrower rule."""
    # A change of its own: a site is one change, and putting back goes behind all of it.
    return rule(make_site("acme", paths=[OPEN]), "/private/")


def starred_rule():
    """Acme is open, but for a narrower rule that holds for one segment of any name."""
    return make_site("acme", paths=[OPEN, {"path": "/*/"}]).paths.get(path="/*/")


def shadowing_rule():
    """The platform is open, but acme has a rule of its own for the same path."""
    rule(Tenant.objects.platform(), "/", any_origin=True)
    return make_site("acme", paths=[{"path": "/"}]).paths.get()


def inherited_rule():
    """Acme is open, but for a narrower rule of the platform."""
    make_site("acme", paths=[OPEN])
    return rule(Tenant.objects.platform(), "/private/")


def open_platform():
    """The platform is open, and acme does not inherit from it."""
    rule(Tenant.objects.platform(), "/", any_origin=True)
    return make_site("acme", paths=[], inherits_platform=False)


def inactive_tenant():
    """Acme is open, and switched off."""
    return make_site("acme", paths=[OPEN], is_active=False)


def disabled_rule():
    """Acme has an open rule that is switched off."""
    return make_site("acme", paths=[{**OPEN, "enabled": False}]).paths.get()


def open_elsewhere():
    """Acme has an open rule for another path."""
    return make_site("acme", paths=[{**OPEN, "path": "/public/"}]).paths.get()


def closed_beside_rival():
    """Acme lists its origins, and rival is open."""
    make_site("rival", paths=[OPEN])
    return make_site("acme", paths=[PRIVATE])


ACME = {"slug": "acme", "hosts": ["acme.example.net"]}
# What a file does not name stays as it is stored.
INHERITING = {"slug": "acme", "inherits_platform": True}
ACTIVE = {"slug": "acme", "is_active": True}
ENABLED = {**OPEN, "enabled": True}
PLATFORM = {"slug": "platform"}
CLOSED = {"path": "/private/", "enabled": False}

RULE_DOORS = {
    "disabled on its page": saved(without=["enabled"]),
    "renamed on its page": saved({"path": "/elsewhere/"}),
    "deleted on its page": deleted,
    "deleted in the tenant's page": inline({"paths-#-DELETE": "on"}),
    "disabled in the tenant's page": inline(without=["paths-#-enabled"]),
    "renamed in the tenant's page": inline({"paths-#-path": "/elsewhere/"}),
    "disabled by an action": action("disable"),
    "deleted by an action": action("delete_selected"),
    "reverted to another path": reverted(path="/elsewhere/"),
    "reverted to when it was off": reverted(enabled=False),
}
# Each world, with the doors that open it and what a user needs beside `allow_any_origin`.
WAYS = [
    *((narrower_rule, door, act, ()) for door, act in RULE_DOORS.items()),
    # How a door writes does not depend on what is open beside it: other worlds have their own doors.
    (starred_rule, "deleted on its page", deleted, ()),
    (narrower_rule, "put back to before it", put_back, ()),
    (shadowing_rule, "put back to before it", put_back, ()),
    (narrower_rule, "pruned by an import", imported({**ACME, "paths": [OPEN]}, prune="on"), ()),
    (narrower_rule, "disabled by an import", imported({**ACME, "paths": [OPEN, CLOSED]}), ()),
    (shadowing_rule, "pruned by an import", imported({**ACME, "paths": []}, prune="on"), ()),
    (inherited_rule, "disabled by an import", imported({**PLATFORM, "paths": [CLOSED]}),
     ("change_platform",)),
    (narrower_rule, "pruned by cors_import", commanded("cors_import", {**ACME, "paths": [OPEN]},
                                                       prune=True), ()),
    (shadowing_rule, "pruned by cors_import", commanded("cors_import", {**ACME, "paths": []},
                                                        prune=True), ()),
    (narrower_rule, "pruned by cors_sync", commanded("cors_sync", {**ACME, "paths": [OPEN]}), ()),
    (shadowing_rule, "pruned by cors_sync", commanded("cors_sync", {**ACME, "paths": []}), ()),
    (inherited_rule, "pruned by cors_sync", commanded("cors_sync", PLATFORM),
     ("change_platform",)),
    (inherited_rule, "its tenant disabled", lambda client, row, reason: action(
        "disable", "tenant")(client, row.tenant, reason), ("change_platform",)),
    (
        inherited_rule,
        "inheriting no longer",
        lambda client, _row, reason: saved(without=["inherits_platform"])(
            client, Tenant.objects.get(slug="acme"), reason
        ),
        (),
    ),
    (open_platform, "inheriting again", saved({"inherits_platform": "on"}), ()),
    (open_platform, "inheriting by an import", imported(INHERITING), ()),
    (open_platform, "inheriting by cors_import", commanded("cors_import", INHERITING), ()),
    (open_platform, "inheriting by cors_sync", commanded("cors_sync", ACME), ()),
    (open_platform, "reverted to inheriting", reverted(inherits_platform=True), ()),
    (inactive_tenant, "switched on", saved({"is_active": "on"}), ()),
    (inactive_tenant, "switched on by an action", action("enable", "tenant"), ()),
    (inactive_tenant, "switched on by an import", imported(ACTIVE), ()),
    (inactive_tenant, "switched on by cors_import", commanded("cors_import", ACTIVE), ()),
    (inactive_tenant, "reverted to active", reverted(is_active=True), ()),
    (disabled_rule, "switched on", saved({"enabled": "on"}), ()),
    (disabled_rule, "switched on in the tenant's page", inline({"paths-#-enabled": "on"}), ()),
    (disabled_rule, "switched on by an action", action("enable"), ()),
    (disabled_rule, "switched on by an import", imported({"slug": "acme", "paths": [ENABLED]}), ()),
    (disabled_rule, "reverted to enabled", reverted(enabled=True), ()),
    (open_elsewhere, "moved", saved({"path": "/private/"}), ()),
    (open_elsewhere, "moved in the tenant's page", inline({"paths-#-path": "/private/"}), ()),
    (open_elsewhere, "reverted to the path", reverted(path="/private/"), ()),
    (closed_beside_rival, "its host moved by an import", imported(
        {"slug": "acme"}, {"slug": "rival", "hosts": ["acme.example.net"]}),
     ("change_tenanthost", "add_tenanthost")),
]  # fmt: skip


# The quick tests of widening are in test_widening.py.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "act", "permissions"),
    [
        pytest.param(world, act, needed, id=f"{world.__name__.replace('_', ' ')}: {door}")
        for world, door, act, needed in WAYS
    ],
)
def test_widening_needs_the_permission_and_a_reason(db, tmp_path, world, act, permissions):
    row = world()

    for opens, reason in ((False, WHY), (True, ""), (True, WHY)):
        person = staff(*Tenant.objects.all(), opens=opens, permissions=permissions)
        client = log_in(person)
        client.person, client.folder = person, tmp_path
        assert not is_open()
        act(client, row, reason)

    assert is_open()
