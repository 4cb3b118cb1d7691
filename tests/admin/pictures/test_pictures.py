"""The pictures of calls and of what ends: well-formed, told in words, and equal to their tables."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.dashboard import review
from corsadmin.admin.pictures import calls as calls_module
from corsadmin.admin.pictures import ending
from corsadmin.models import Origin, Sighting, Traffic, Unseen
from corsadmin.sightings.moments import day_of
from tests.admin.conftest import grant, log_in
from tests.factories import OriginFactory, TenantFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says, assert_silent, filled, times

pytestmark = pytest.mark.slow

START = "/admin/corsadmin/"
HOSTILE = '"><script>alert(1)</script>'


def hour(ago=0):
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=ago)


def called(tenant, ago=0, outcome="allowed", calls=1, preflights=0):
    """Store that a tenant was called in an hour."""
    Traffic.objects.create(
        tenant=tenant, hour=hour(ago), outcome=outcome, calls=calls, preflights=preflights
    )


def page_of(tenant):
    return reverse("admin:corsadmin_tenant_change", args=[tenant.pk])


def text(client, page=START):
    response = client.get(page)

    assert response.status_code == 200
    return response.content.decode()


def figure(client, name, page=START):
    """Return a figure of a page as XML."""
    return figure_of(text(client, page), name)


def figure_of(shown, name):
    found = re.search(rf'<figure[^>]* id="{name}">.*?</figure>', shown, re.DOTALL)
    assert found is not None
    # What XML does not know of HTML.
    return ET.fromstring(re.sub(r"<br>", "<br/>", found[0]))


def table(part):
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in row] for row in part.iter("tr")
    ][1:]


@pytest.fixture
def busy(acme):
    """The tenant acme, which was called in some hours of two days, and in days before."""
    called(acme, 0, calls=3)
    called(acme, 0, "origin-not-listed", 7, 2)
    called(acme, 30, calls=12_345, preflights=99)
    called(acme, 30, "method-not-allowed", 0, 5)
    for days, refused in ((20, 40), (21, 1)):
        Traffic.objects.create(
            tenant=acme,
            hour=day_of(timezone.now() - timedelta(days=days)),
            outcome="origin-expired",
            calls=refused,
        )
    return acme


@pytest.mark.parametrize("page", ["start", "tenant"])
def test_a_picture_is_an_image_with_a_title_and_a_description(superuser, busy, page):
    OriginFactory(tenant=busy, valid_until=timezone.now() + timedelta(days=3))
    shown = text(superuser, START if page == "start" else page_of(busy))

    for name in ("hours", "days", "reasons", "ends"):
        drawn = figure_of(shown, name)
        svg = next(one for one in drawn.iter("svg") if one.get("role") == "img")
        title, description = svg[:2]
        assert (title.tag, description.tag) == ("title", "desc"), name
        assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}", name
        assert title.text, name
        assert re.search(r"\d", description.text), name
        assert drawn.find("details/summary").text, name
        forbidden = {"style", "script"}
        assert not [one for one in drawn.iter() if one.get("style") or one.tag in forbidden], name


def test_the_hours_of_the_picture_are_those_of_its_table(superuser, busy):
    drawn = figure(superuser, "hours")

    rooms = [one.find("title").text for one in drawn.iter("rect") if one.find("title") is not None]
    rows = table(drawn)
    assert len(rooms) == 48
    assert [row[1:] for row in rows] == [["3", "9"], ["12,345", "5"]]
    empty = filled("picture-bar", when="", allowed=0, refused=0)
    assert [
        filled("picture-bar", when=when, allowed=allowed, refused=refused)
        for when, allowed, refused in rows
    ] == [room for room in reversed(rooms) if not room.endswith(empty)]
    bars = {
        kind: [one for one in drawn.iter("rect") if one.get("class") == f"corsadmin-{kind}"]
        for kind in ("allowed", "refused")
    }
    assert [len(found) for found in bars.values()] == [2, 2]
    tall, small = (float(one.get("height")) for one in bars["refused"])
    assert tall == pytest.approx(42)
    assert small == pytest.approx(75.6)


def test_days_hold_what_was_merged_and_reasons_the_last_two_days(superuser, busy):
    days, reasons = figure(superuser, "days"), figure(superuser, "reasons")

    assert [row[2] for row in table(days)][-2:] == ["40", "1"]
    assert sum(int(row[2].replace(",", "")) for row in table(days)) == 55
    assert [row[:2] for row in table(reasons)] == [
        ["origin-not-listed", "9"],
        ["method-not-allowed", "5"],
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns"])
def test_times_are_those_of_the_zone_that_is_named(superuser, busy, zone):
    with timezone.override(zone):
        drawn = figure(superuser, "hours")
    local = timezone.localtime(hour(30), ZoneInfo(zone))

    assert_says("".join(drawn.itertext()), "picture-zone", zone=zone)
    assert f"{local:%-d}, {local:%Y}" in table(drawn)[1][0]


@pytest.mark.django_db
def test_a_site_without_time_zones_has_them_too(settings, superuser, acme):
    settings.USE_TZ = False
    called(acme, 1, "origin-not-listed", 4)

    assert [row[2] for row in table(figure(superuser, "hours"))] == ["4"]
    assert [row[2] for row in table(figure(superuser, "days"))] == ["4"]


def test_a_change_is_marked_and_leads_to_its_event(superuser, busy):
    entry = busy.origins.get()
    entry._change_reason = HOSTILE
    entry.save()
    version = entry.history.first()

    drawn = figure(superuser, "hours", page_of(busy))

    history = reverse("admin:corsadmin_tenant_history", args=[busy.pk])
    links = [one.get("href") for one in drawn.iter("a")]
    assert len(links) > 1
    assert all(link.startswith(f"{history}#at-") for link in links)
    anchor = f"at-{version.history_date:%s}-{version.history_date:%f}"
    assert f"{history}#{anchor}" in links
    assert f'id="{anchor}"' in text(superuser, history)
    assert HOSTILE in "".join(drawn.itertext())
    assert "<script>alert" not in text(superuser, page_of(busy))
    assert "<script>alert" not in text(superuser)


def change_three_hours_ago(tenant):
    """Let everything that the tenant has come from three hours ago."""
    for one in (tenant, tenant.origins.get(), tenant.paths.get(), tenant.hosts.get()):
        one.history.update(history_date=hour(3) + timedelta(minutes=10))


def test_nothing_is_said_of_a_change_before_which_no_call_was_recorded(superuser, acme):
    change_three_hours_ago(acme)
    for ago in range(4):
        called(acme, ago, "origin-not-listed", 340)

    page = text(superuser, page_of(acme))
    assert_silent(page, "picture-rose-an-hour", "picture-rose-a-day")


def test_a_rise_after_a_change_is_said(superuser, acme):
    change_three_hours_ago(acme)
    for ago in range(10):
        called(acme, ago, "origin-not-listed", 340 if ago < 4 else 2)

    page = text(superuser, page_of(acme))

    assert_says(page, "picture-rose-an-hour", before=2, after=340)
    assert times(page, "picture-rose-an-hour") + times(page, "picture-rose-a-day") <= 2


def test_what_nobody_knows_is_written_as_text(superuser, acme):
    called(acme, 0, "<script>alert(1)</script>", 4)
    Sighting.objects.create(tenant=acme, origin=HOSTILE, reason="origin-not-listed", rule="/api/")
    Origin.objects.create(
        tenant=acme, pattern=f"https://{HOSTILE}", valid_until=timezone.now() + timedelta(days=1)
    )

    for page in (START, page_of(acme)):
        assert "<script>alert" not in text(superuser, page)
        assert table(figure(superuser, "reasons", page))[0][0] == "<script>alert(1)</script>"


def test_what_ends_is_counted_by_the_day(superuser, acme, rival):
    now = timezone.now()
    for days, tenant in ((1, acme), (1, acme), (20, acme), (30, rival), (90, acme)):
        OriginFactory(tenant=tenant, valid_until=now + timedelta(days=days))
    OriginFactory(tenant=acme, valid_until=now + timedelta(days=2), enabled=False)

    assert [row[1] for row in table(figure(superuser, "ends"))] == ["2", "1", "1"]
    drawn = figure(superuser, "ends", page_of(acme))
    assert [row[1] for row in table(drawn)] == ["2", "1"]
    assert_says("".join(drawn.itertext()), "picture-ends", count=3, weeks=12)


def test_of_too_much_what_fits_is_shown_and_said(superuser, busy, monkeypatch):
    monkeypatch.setattr(review, "MAX_TENANTS", 0)
    monkeypatch.setattr(calls_module, "MAX_ROWS", 2)
    monkeypatch.setattr(ending, "MAX_ENDS", 1)
    for days in (1, 2):
        OriginFactory(tenant=busy, valid_until=timezone.now() + timedelta(days=days))

    page = text(superuser)

    assert times(page, "picture-starts-late") == 2
    assert [row[1:] for row in table(figure(superuser, "hours"))] == [["3", "9"]]
    assert_says(page, "picture-ends-cut")
    monkeypatch.setattr(calls_module, "MAX_ROWS", 0)
    assert_says(text(superuser), "picture-starts-late")
    # The present hour is always shown.
    assert [row[1:] for row in table(figure(superuser, "hours"))] == [["3", "9"]]


def test_without_a_refused_call_no_peak_is_named(superuser, acme):
    called(acme, calls=3)

    assert_silent(text(superuser), "picture-peak")
    called(acme, outcome="origin-not-listed", calls=2)
    assert_says(text(superuser), "picture-peak", refused=2)


def test_calls_that_nobody_counted_are_said(superuser, busy):
    Unseen.objects.create(hour=hour(1), ring_full=3)
    Unseen.objects.create(hour=hour(60), ring_full=5)

    for page in (START, page_of(busy)):
        assert_says(text(superuser, page), "picture-too-low", counter=3)


@pytest.mark.parametrize(
    "lacking", ["view_sighting", "view_pathrule", "view_origin", "view_tenant"]
)
def test_pictures_of_callers_are_for_those_who_see_callers(busy, lacking):
    sees = {"view_sighting", "view_pathrule", "view_origin", "view_tenant"} - {lacking}
    client = log_in(grant(UserFactory(), *sees))

    page = client.get(START).content.decode()
    assert_silent(page, "picture-refused-today")
    assert 'id="hours"' not in page
    response = client.get(page_of(busy))
    assert 'id="hours"' not in response.content.decode()


def test_members_see_their_own_callers_alone(member, busy, rival):
    called(rival, 0, "origin-not-listed", 1_000_000)

    assert [row[2] for row in table(figure(member, "hours"))] == ["9", "5"]
    assert_says(text(member), "picture-refused-today")
    assert "rival" not in text(member)
    assert figure(member, "hours", page_of(busy)) is not None


def test_a_member_of_a_new_tenant_is_told_that_nothing_was_recorded(db):
    user = UserFactory()
    TenantMemberFactory(tenant=TenantFactory(), user=user, role="viewer")

    assert_says(text(log_in(user)), "picture-nothing-recorded")
