"""Import in the admin on PostgreSQL, where a plan and what is written are one transaction."""

import pytest

from corsadmin.admin.preview.preview import CHANGED
from corsadmin.models import Origin
from corsadmin.transfer.plan import proposal
from tests.admin.conftest import log_in
from tests.admin.imports import (
    NEW,
    OLD,
    TABLE,
    check,
    confirm,
    document,
    origins,
    problems,
    steps,
)
from tests.admin.opening import file_of, staff
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory, make_site
from tests.messages.screens import filled

pytestmark = pytest.mark.slow


def test_a_plan_is_shown_refused_and_confirmed(postgresql):
    acme = make_site("acme", origins=[OLD])
    user = UserFactory(username="member")
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    member = log_in(user)

    shown = check(member, TABLE, prune="on")
    assert [(sign, title) for sign, _kind, title, _fields in steps(shown)] == [
        ("-", OLD),
        ("+", NEW),
    ]
    OriginFactory(tenant=acme, pattern="https://meanwhile.example")
    assert confirm(member, shown).context["refused"] == CHANGED
    foreign = document(origins({"pattern": NEW}, slug="rival"))
    assert problems(check(member, foreign)) == [("", "not-permitted")]
    confirmed = confirm(member, check(member, TABLE, prune="on"), confirm="on")

    assert confirmed.status_code == 302
    assert set(Origin.objects.values_list("pattern", flat=True)) == {NEW}


def test_what_a_file_opens_further_is_found_in_batches(monkeypatch, postgresql):
    monkeypatch.setattr(proposal, "_BATCH", 1)
    opened = [{"path": "/", "any_origin": True}]
    sites = [make_site(slug, paths=[*opened, {"path": "/x/"}]) for slug in ("acme", "rival")]
    text = file_of(
        *({"slug": site.slug, "hosts": [f"{site.slug}.example.net"], "paths": opened}
          for site in sites)
    )  # fmt: skip

    refused = check(log_in(staff(*sites)), text, prune="on")
    opener = log_in(staff(*sites, opens=True))
    shown = check(opener, text, prune="on")

    assert problems(refused) == [("", "opening-not-permitted")] * 2
    assert shown.context["widened"] == [
        f"{slug}: {filled('widening-paths', paths='/x/')}" for slug in ("acme", "rival")
    ]
    assert confirm(opener, shown, confirm_lockout="on").status_code == 200
    shown = check(opener, text, prune="on")
    assert confirm(opener, shown, change_reason="OPS-1").status_code == 302
