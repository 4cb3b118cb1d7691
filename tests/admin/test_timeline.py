"""A tenant's timeline, and the tenants that are gone."""

from datetime import UTC, datetime

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from tests.admin.past import change, url
from tests.factories import OriginFactory, UserFactory


def test_the_timeline_tells_events_with_all_their_rows(superuser, acme, clock):
    clock()
    change(
        superuser,
        acme,
        {
            "name": "Other",
            "origins-0-DELETE": "on",
            "origins-1-pattern": "https://new.example",
            "paths-0-methods": "GET",
            "change_reason": "OPS-1",
        },
    )
    clock()

    response = superuser.get(url("timeline", acme))

    first, second = response.context["events"]
    assert (first.user, first.reason) == ("superuser", "OPS-1")
    assert {(step.kind, step.name, str(step.verb)) for step in first.steps} == {
        ("tenant", "acme", "changed"),
        ("origin", "https://app.acme.example", "deleted"),
        ("origin", "https://new.example", "added"),
        ("path rule", "/api/", "changed"),
    }
    told = {
        (found.label, found.before, found.after)
        for step in first.steps
        for found in step.differences
    }
    assert ("name", "Acme", "Other") in told
    assert ("methods", "GET, HEAD, POST", "GET") in told
    assert ("origin", "", "https://new.example") in told
    assert len(second.steps) == 4
    assert "unknown user" in response.content.decode()


def test_events_are_told_apart_by_person_reason_and_time(superuser, acme, clock):
    clock()
    one, other = UserFactory(), UserFactory()
    for changes in ([(one, "a"), (one, "a"), (one, "b"), (other, "b")], [(other, "b")]):
        for user, reason in changes:
            row = OriginFactory.build(tenant=acme)
            row._history_user, row._change_reason = user, reason
            row.save()
        clock()

    events = superuser.get(url("timeline", acme)).context["events"]

    assert [len(event.steps) for event in events] == [1, 1, 1, 2, 4]


def test_what_is_older_than_the_page_is_told_without_its_old_value(superuser, acme):
    entry = acme.origins.get()
    entry.history.all().delete()
    entry.note = "seen"
    entry.save()

    events = superuser.get(url("timeline", acme)).context["events"]

    steps = [step for event in events for step in event.steps if step.kind == "origin"]
    assert [(str(step.verb), step.differences) for step in steps] == [("changed", [])]


def test_times_are_told_in_the_time_zone_of_the_site(superuser, acme, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    acme.origins.update(valid_until=datetime(2027, 1, 31, 20, 30, tzinfo=UTC))
    row = acme.origins.get()
    row.save()

    page = superuser.get(url("timeline", acme)).content.decode()

    assert "Feb. 1, 2027, 5:30 a.m." in page
    assert "+00:00</ins>" not in page


def test_an_empty_timeline_says_so(superuser, acme):
    for model in (Tenant, TenantHost, PathRule, Origin):
        model.history.all().delete()

    assert "Nothing is recorded." in superuser.get(url("timeline", acme)).content.decode()


def test_deleted_tenants_are_shown_to_who_sees_all(member, superuser, acme, rival):
    key = rival.pk
    assert (
        "No tenant was deleted."
        in superuser.get("/admin/corsadmin/tenant/deleted/").content.decode()
    )
    rival.delete()

    assert member.get("/admin/corsadmin/tenant/deleted/").status_code == 403
    assert member.get(f"/admin/corsadmin/tenant/{key}/timeline/").status_code == 404
    assert superuser.get("/admin/corsadmin/tenant/nonsense/timeline/").status_code == 404
    assert superuser.get("/admin/corsadmin/tenant/987654/timeline/").status_code == 404
