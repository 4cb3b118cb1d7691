"""Whichever door a change comes through: what breaks or lets in callers of the last days needs a reason.

Each change is tried without a reason, when nothing may be written, and with one.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.models import Tenant
from tests.admin import copies, pastes
from tests.admin.change_doors import (
    action,
    deleted,
    imported,
    inline,
    put_back,
    reverted,
    saved,
)
from tests.admin.forms import fields_of, submit
from tests.admin.opening import allowed_origin, page
from tests.factories import OriginFactory, PathRuleFactory, make_site
from tests.sightings.rows import see_caller, see_entry, see_rule

APP, SPARE, NEW = "https://app.acme.example", "https://spare.example", "https://new.example"
PAST = "2020-01-01T00:00"


def seen_entry():
    """Acme lists an application, which called today, and another origin."""
    acme = make_site("acme", origins=[APP, SPARE])
    entry = acme.origins.get(pattern=APP)
    see_entry(entry)
    see_rule(acme)
    return entry


def seen_rule():
    return seen_entry().tenant.paths.get()


def seen_tenant():
    return seen_entry().tenant


def seen_everywhere():
    """The platform lists the application and has the rule; acme inherits both."""
    platform = Tenant.objects.platform()
    entry = OriginFactory(tenant=platform, pattern=APP)
    OriginFactory(tenant=platform, pattern=SPARE)
    PathRuleFactory(tenant=platform)
    acme = make_site("acme", paths=[])
    for tenant in (platform, acme):
        see_rule(tenant)
    see_entry(entry)
    return entry


def rule_everywhere():
    return seen_everywhere().tenant.paths.get()


def refused():
    """Acme refused an origin today, and lists another."""
    acme = make_site("acme", origins=[SPARE])
    see_caller(acme, NEW)
    return acme


def switched_off():
    """Acme refused an origin whose entry is switched off."""
    return OriginFactory(tenant=refused(), pattern=NEW, enabled=False)


def ended():
    """Acme refused an origin whose entry has ended."""
    past = timezone.now() - timedelta(days=1)
    return OriginFactory(tenant=refused(), pattern=NEW, valid_until=past)


def is_let_in(origin, path="/api/x"):
    return allowed_origin(origin, path) == origin


def pasted(client, row, reason):
    pastes.add(client, row, [NEW], change_reason=reason)


def copied(client, row, reason):
    other = OriginFactory(tenant=make_site("other"), pattern=NEW)
    shown = copies.look(client, [other], "acme")
    copies.confirm(client, shown, [other], change_reason=reason)
    other.tenant.delete()


def added(client, row, reason):
    url = f"{reverse('admin:corsadmin_origin_add')}?tenant={row.pk}"
    submit(client, url, {"tenant": row.pk, "pattern": NEW, "change_reason": reason})


def added_inline(client, row, reason):
    number = row.origins.count()
    submit(client, page(row), {f"origins-{number}-pattern": NEW, "change_reason": reason})


def ending(client, row, reason):
    url = reverse("admin:corsadmin_origin_changelist")
    sent = {"action": "set_end", "_selected_action": [row.pk], "index": "0", "valid_until": PAST}
    asked = client.post(url, {**sent, "change_reason": reason})
    if asked.status_code == 200:
        client.post(url, {**fields_of(asked), "change_reason": reason})


def endless(client, row, reason):
    url = reverse("admin:corsadmin_origin_changelist")
    sent = {"action": "remove_end", "_selected_action": [row.pk], "index": "0"}
    client.post(url, {**sent, "change_reason": reason, "confirm_never_ends": "on"})


LISTED = {"pattern": SPARE}
ACME, PLATFORM = {"slug": "acme"}, {"slug": "platform"}
# What happens to what was seen, and whose calls it breaks or lets in. Each door once for each model;
# what else a change of a row breaks is in tests/proposed_change/test_seen_impact.py.
WAYS = [
    ("switched off on its page", seen_entry, saved(without=["enabled"]), APP),
    ("renamed on its page", seen_entry, saved({"pattern": "https://moved.example"}), APP),
    ("scoped on its page", seen_entry, saved({"scope": "/api/other/"}), APP),
    ("deleted on its page", seen_entry, deleted, APP),
    ("switched off by an action", seen_entry, action("disable", "origin"), APP),
    ("deleted by an action", seen_entry, action("delete_selected", "origin"), APP),
    ("ended by an action", seen_entry, ending, APP),
    ("deleted on the tenant's page", seen_entry, inline({"origins-#-DELETE": "on"}), APP),
    ("reverted to when it was off", seen_entry, reverted(enabled=False), APP),
    ("put back to before it", seen_entry, put_back, APP),
    ("pruned by an import", seen_entry, imported({**ACME, "origins": [LISTED]}, prune="on"), APP),
    ("its rule moved", seen_rule, saved({"path": "/other/"}), APP),
    ("its rule deleted on the tenant's page", seen_rule, inline({"paths-#-DELETE": "on"}), APP),
    ("its tenant switched off", seen_tenant, saved(without=["is_active"]), APP),
    ("its tenant switched off by an action", seen_tenant, action("disable", "tenant"), APP),
    ("its tenant deleted", seen_tenant, deleted, APP),
    ("the platform's entry deleted", seen_everywhere, deleted, APP),
    ("the platform's rule moved", rule_everywhere, saved({"path": "/other/"}), APP),
    ("the platform's entry pruned", seen_everywhere,
     imported({**PLATFORM, "origins": [LISTED]}, prune="on"), APP),
    ("added on a page", refused, added, NEW),
    ("added on the tenant's page", refused, added_inline, NEW),
    ("pasted", refused, pasted, NEW),
    ("copied", refused, copied, NEW),
    ("imported", refused, imported({**ACME, "origins": [{"pattern": NEW}]}), NEW),
    ("switched on on its page", switched_off, saved({"enabled": "on"}), NEW),
    ("switched on by an action", switched_off, action("enable", "origin"), NEW),
    ("its end removed on its page", ended, saved({"valid_until": ""}), NEW),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "act", "origin"),
    [pytest.param(world, act, origin, id=door) for door, world, act, origin in WAYS],
)
def test_a_reason_is_needed_and_enough(superuser, settings, world, act, origin):
    settings.ALLOWED_HOSTS = ["*"]
    row = world()
    before = is_let_in(origin)

    act(superuser, row, "")
    kept = is_let_in(origin)
    act(superuser, row, "OPS-1")

    assert kept == before
    assert is_let_in(origin) != before


# Where nothing of the last days changes, nobody is asked.
@pytest.mark.parametrize(
    ("world", "act"),
    [
        pytest.param(seen_entry, saved({"note": "OPS-1"}), id="a note"),
        pytest.param(seen_rule, saved({"max_age": "60"}), id="a max age"),
        pytest.param(seen_rule, saved({"methods": "GET PUT DELETE"}), id="more methods"),
    ],
)
def test_what_changes_no_answer_needs_no_reason(superuser, world, act):
    row = world()

    act(superuser, row, "")

    assert type(row).objects.get(pk=row.pk).modified > row.modified


def test_the_end_of_entries_is_removed_with_a_reason(superuser):
    row = ended()

    endless(superuser, row, "OPS-1")

    row.refresh_from_db()
    assert row.valid_until is None
