"""The inbox: which refused origins wait, in which order, and what is said of them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from corsadmin.admin.breakable import breakable
from corsadmin.admin.inbox import refused
from corsadmin.engine import Reason
from corsadmin.messages import REASONS
from corsadmin.models import Sighting, Tenant
from tests.admin.callers import ago, sighted, sighted_names
from tests.admin.inbox import ALL, lines, listed, of, text
from tests.admin.queries import queries_of
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    make_site,
)
from tests.messages.screens import assert_says, filled

pytestmark = pytest.mark.slow

NEW = "https://new.example"


def test_kin_come_first_then_hours_then_calls(superuser, acme):
    for number, (is_kin, hours, calls) in enumerate(
        [(False, 9, 900), (True, 1, 5), (False, 9, 901), (True, 2, 1), (False, 10, 1)]
    ):
        sighted(acme, f"https://n{number}.example", is_kin=is_kin, hours=hours, calls=calls)

    assert listed(superuser) == [f"https://n{number}.example" for number in (3, 1, 4, 2, 0)]
    assert listed(superuser, of(acme)) == listed(superuser)


def test_an_origin_that_was_refused_on_several_paths_is_one_row(superuser, acme):
    PathRuleFactory(tenant=acme, path="/other/")
    sighted(acme, NEW, hours=2, calls=5, preflights=1, first_seen=ago(days=9), methods=["PUT"])
    sighted(acme, NEW, rule="/other/", hours=7, calls=1, first_seen=ago(days=1), is_kin=True)

    (line,) = lines(superuser)
    one = line.refused
    assert (one.hours, one.calls, one.preflights, one.is_kin) == (7, 6, 1, True)
    assert [refusal.path for refusal in one.refusals] == ["/other/", "/api/"]
    assert timezone.now() - one.first_seen > timedelta(days=8)
    assert timezone.now() - one.last_seen < timedelta(hours=1)


def test_two_tenants_have_a_row_each(superuser, acme, rival):
    for tenant in (acme, rival):
        sighted(tenant, NEW)

    assert listed(superuser) == [NEW, NEW]
    assert listed(superuser, of(rival)) == [NEW]


SEEN = {
    "kin": {"is_kin": True},
    "stranger": {},
    "yesterday": {"last_seen": ago(hours=30)},
    "last month": {"last_seen": ago(days=20)},
    "long ago": {"last_seen": ago(days=60)},
    "expired": {"reason": "origin-expired"},
    "null": {"origin": "", "reason": "origin-null"},
}
FILTERS = {
    "nothing chosen": ({}, {"kin", "stranger", "yesterday", "expired", "null"}),
    "a day": ({"days": "1"}, {"kin", "stranger", "expired", "null"}),
    "a month": ({"days": "30"}, {*SEEN} - {"long ago"}),
    "all that is kept": ({"days": "all"}, {*SEEN}),
    "kin": ({"lane": "kin"}, {"kin"}),
    "strangers": ({"lane": "strangers"}, {"stranger", "yesterday", "expired", "null"}),
    "a reason": ({"reason": "origin-expired"}, {"expired"}),
    "a tenant": ({"tenant": "acme"}, {"kin", "stranger", "yesterday", "expired", "null"}),
    "a tenant that is not there": ({"tenant": "nobody"}, set()),
    "dismissed ones": ({"show": "dismissed"}, set()),
}


def test_filters(superuser, acme):
    names = {}
    for name, fields in SEEN.items():
        origin = fields.get("origin", f"https://{name.replace(' ', '-')}.example")
        names[origin] = name
        sighted(acme, **{"origin": origin, **fields})

    for what, (query, expected) in FILTERS.items():
        assert {names[origin] for origin in listed(superuser, **query)} == expected, what


def test_a_filter_that_no_page_offers_is_refused(superuser, acme):
    sighted(acme)
    shown = superuser.get(ALL, {"days": "8", "lane": "cousins"})

    errors = shown.context["form"].errors.as_data()
    assert {name: error.code for name, (error,) in errors.items()} == {
        "days": "invalid_choice",
        "lane": "invalid_choice",
    }
    assert breakable(NEW) not in shown.content.decode()


@pytest.mark.parametrize("reason", ["allowed", "method-not-allowed", "header-not-allowed"])
def test_what_is_no_refusal_of_an_origin_does_not_wait(superuser, acme, reason):
    sighted(acme, reason=reason)

    assert listed(superuser) == []


ALLOWED_NOW = {
    "by an entry": {"pattern": NEW},
    "by a wildcard": {"pattern": "https://*.example"},
    "by one for the path": {"pattern": NEW, "scope": "/api/"},
}


@pytest.mark.parametrize("entry", ALLOWED_NOW.values(), ids=ALLOWED_NOW)
def test_what_is_allowed_by_now_does_not_wait(superuser, acme, entry):
    sighted(acme)
    OriginFactory(tenant=acme, **entry)

    assert listed(superuser) == []


def test_what_the_platform_allows_by_now_does_not_wait(superuser, acme, platform):
    sighted(acme)
    OriginFactory(tenant=platform, pattern=NEW)

    assert listed(superuser) == []


REFUSED_STILL = {
    "an entry for another path": {"pattern": NEW, "scope": "/elsewhere/"},
    "a disabled entry": {"pattern": NEW, "enabled": False},
    "an entry that has ended": {"pattern": NEW, "valid_until": ago(days=1)},
}


@pytest.mark.parametrize("entry", REFUSED_STILL.values(), ids=REFUSED_STILL)
def test_what_is_refused_still_waits_and_leads_to_its_entry(superuser, acme, entry):
    sighted(acme)
    row = OriginFactory(tenant=acme, **entry)

    (line,) = lines(superuser)
    pages = [page.partition("?")[0] for page, _entry in line.entries]
    assert pages == [f"/admin/corsadmin/origin/{row.pk}/change/"]
    # An entry for every path is there already: another one could not be added.
    assert [scope for _page, scope in line.forms] == ([""] if row.scope else [])


def test_what_is_refused_everywhere_waits(superuser, acme):
    """A tenant that is not active, and a rule that is not sound."""
    sighted(acme)
    broken = make_site("broken", origins=[NEW], paths=[{"path": "/api/", "methods": ["b d"]}])
    sighted(broken, reason="policy-invalid")
    acme.is_active = False
    acme.save()

    assert {line.refused.tenant.slug for line in lines(superuser)} == {"acme", "broken"}


def test_sightings_of_a_deleted_tenant_are_not_shown(superuser, acme, rival):
    sighted(acme)
    rival.delete()
    Sighting.objects.create(tenant_id=987654, origin=NEW, reason="origin-not-listed")

    assert listed(superuser) == [NEW]


def test_every_row_says_that_callers_claim_it(superuser, acme):
    for number in range(3):
        sighted(acme, f"https://n{number}.example")

    shown = text(superuser)
    assert shown.count(f'"corsadmin-badge">{filled("inbox-claimed")}') == 3
    assert_says(shown, "inbox-callers-claim")


def test_a_row_says_what_is_known_of_it(superuser, acme):
    sighted(
        acme,
        "https://app.acmi.example",
        hours=2,
        calls=1,
        preflights=12,
        methods=["PUT"],
        request_headers=["x-asked"],
    )

    shown = text(superuser, of(acme))
    assert_says(shown, "inbox-other-domain")
    assert_says(shown, "inbox-look-alike", value="https://app.acme.example")
    seen = (("inbox-hours", 2), ("inbox-calls", 1), ("inbox-preflights", 12))
    for part in (
        f'"corsadmin-badge">{filled("inbox-other")}',
        f"<code>/api/</code>: {escape(REASONS[Reason.ORIGIN_NOT_LISTED])}",
        "<code>PUT</code> <code>x-asked</code>",
        ", ".join(filled(code, counter=number) for code, number in seen),
    ):
        assert part in shown


def test_a_domain_that_the_tenant_lists_is_kin_before_the_recording_knows_it(superuser, acme):
    sighted(acme, "https://shop.acme.example", is_kin=False)
    OriginFactory(tenant=acme, pattern="https://app.shop.test")
    sighted(acme, "https://www.shop.test", is_kin=False)
    sighted(acme, "https://other.test", is_kin=False)

    assert {line.refused.origin for line in lines(superuser) if line.is_kin} == {
        "https://shop.acme.example",
        "https://www.shop.test",
    }


def test_a_reason_that_this_version_does_not_know_is_shown_as_it_is(acme):
    row = sighted(acme, reason="of-tomorrow")
    found = refused.rank_refused(Sighting.objects.all(), 1)

    assert found.ranked[0].refusals[0].sentence == row.reason


def test_what_no_browser_sends_can_be_dismissed_and_not_allowed(superuser, acme):
    sighted(acme, "", "origin-malformed")

    (line,) = lines(superuser)
    assert (line.forms, line.look_alikes) == ([], [])
    assert_says(text(superuser), "inbox-no-valid-origin")


def test_pages_are_bounded_and_cost_few_queries(superuser, acme, platform, monkeypatch):
    """As many tenants as a site may have: a page shows fifty rows and asks as often as for one."""
    tenants = Tenant.objects.bulk_create(
        [Tenant(slug=f"many-{number:04}") for number in range(1_000)]
    )
    Sighting.objects.bulk_create(
        [
            Sighting(tenant=tenant, origin=f"https://n{number}.example", rule="/api/", calls=1,
                     reason="origin-not-listed")
            for tenant in tenants
            for number in range(2)
        ]
    )  # fmt: skip

    response = superuser.get(ALL, {"p": "3"})
    assert len(response.context["lines"]) == 50
    assert response.context["page"].paginator.count == 1_000
    assert '<strong aria-current="page">3</strong>' in response.content.decode()
    assert f'<a href="{ALL}?p=4">4</a>' in response.content.decode()
    assert f'<a href="{ALL}?days=30&amp;p=4">4</a>' in text(superuser, days="30", p="3")
    assert len(queries_of(superuser, ALL)) <= 20
    assert len(listed(superuser, p="999")) == 50


def test_a_members_page_costs_few_queries(member, acme, platform):
    for number in range(30):
        sighted(acme, f"https://n{number}.example")

    for page in (ALL, of(acme)):
        assert len(queries_of(member, page)) <= 20


HOSTILE = (
    "<script>alert(1)</script>",
    "\u202egnirts",
    '"><img src=x onerror=alert(1)>',
)


@pytest.mark.parametrize("hostile", HOSTILE, ids=["markup", "bidi control", "attribute"])
def test_nothing_that_a_caller_wrote_runs(superuser, acme, hostile):
    """Nothing of the kind is recorded; a row of the table may hold it all the same."""
    sighted(acme, hostile)
    sighted(acme, NEW, methods=[hostile], request_headers=[hostile])
    sighted_names(acme, methods=["PUT", hostile], request_headers=[hostile])
    shown = text(superuser)

    assert listed(superuser) == [NEW]
    assert len(superuser.get(ALL).context["asked"]) == 1
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "\u202e" not in shown


def test_a_tenant_without_any_rule_is_listed_too(superuser):
    sighted(TenantFactory(slug="bare"), rule="/gone/")

    assert listed(superuser) == [NEW]
