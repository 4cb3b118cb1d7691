"""Replace an origin by another one, with days in which both hold."""

from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from corsadmin.admin.replace_origin.forms import end_of_overlap
from corsadmin.models import Generation, Origin
from tests.admin.conftest import grant, log_in
from tests.admin.forms import fields_of, submit
from tests.admin.test_conflicts import overtake
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says

NEW = "https://new.acme.example"
WHY = {"change_reason": "OPS-9"}
LISTED = "/admin/corsadmin/origin/"


@pytest.fixture
def old(acme):
    row = acme.origins.get()
    values = {"credentials": True, "scope": "/api/", "note": "web app"}
    Origin.objects.filter(pk=row.pk).update(**values)
    return Origin.objects.get(pk=row.pk)


def page(row, **query):
    return f"{reverse('admin:corsadmin_origin_replace', args=[row.pk])}?{urlencode(query)}"


def replace(client, row, pattern=NEW, *, overlap=14, **fields):
    return submit(client, page(row), {"pattern": pattern, "overlap": overlap, **WHY, **fields})


def said(response):
    """Return the errors of a page that was shown again."""
    form = response.context["form"]
    return [str(text) for found in form.errors.values() for text in found]


def test_both_hold_for_some_days_and_all_else_is_carried_over(member, old):
    before, now = Generation.objects.get().value, timezone.now()

    response = replace(member, old, overlap=14)

    old.refresh_from_db()
    new = Origin.objects.get(pattern=NEW)
    carried_over = ("tenant_id", "credentials", "enabled", "scope", "valid_from", "note")
    assert response["Location"] == LISTED
    assert [getattr(new, name) for name in carried_over] == [
        getattr(old, name) for name in carried_over
    ]
    assert new.replaces == old
    assert (new.valid_until, new.made_by, new.risk_accepted) == (None, "", False)
    assert timedelta(0) <= old.valid_until - now - timedelta(days=14) < timedelta(minutes=1)
    assert Generation.objects.get().value == before + 1
    assert {row.history.first().history_change_reason for row in (old, new)} == {"OPS-9"}


def test_without_an_overlap_the_old_one_ends_at_once(member, old):
    other = OriginFactory(tenant=old.tenant)

    replace(member, old, overlap=0)

    old.refresh_from_db()
    assert old.valid_until <= timezone.now()
    assert other.tenant.origins.count() == 3


def test_an_earlier_end_stays_and_is_carried_over(member, old):
    end = timezone.now().replace(microsecond=0) + timedelta(days=3)
    Origin.objects.filter(pk=old.pk).update(valid_until=end)
    versions = old.history.count()

    replace(member, old, overlap=30)

    old.refresh_from_db()
    assert old.valid_until == Origin.objects.get(pattern=NEW).valid_until == end
    assert old.history.count() == versions


@pytest.mark.parametrize(
    ("changes", "pattern", "code"),
    [
        pytest.param({}, "https://app.acme.example", "replace-same", id="the same origin"),
        pytest.param({}, "https://listed.example", "replace-listed", id="listed"),
        pytest.param({"ago": 1}, NEW, "replace-ended", id="the old one has ended"),
        pytest.param({"begins": 3}, NEW, "replace-more-days", id="the old one begins later"),
    ],
)
def test_it_is_refused(member, old, changes, pattern, code):
    OriginFactory(tenant=old.tenant, pattern="https://listed.example", scope="/api/")
    moments = {"ago": ("valid_until", -1), "begins": ("valid_from", 1)}
    for name, days in changes.items():
        field, sign = moments[name]
        moment = timezone.now() + sign * timedelta(days=days)
        Origin.objects.filter(pk=old.pk).update(**{field: moment})

    response = replace(member, old, pattern, overlap=1)

    assert response.status_code == 200
    assert_says(said(response), code)
    assert Origin.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        pytest.param((NEW, -1), "overlap", "min_value", id="a negative overlap"),
        pytest.param((NEW, 367), "overlap", "max_value", id="an overlap of more than a year"),
        pytest.param((NEW, ""), "overlap", "required", id="no overlap"),
        pytest.param(("", 1), "pattern", "required", id="no origin"),
        pytest.param(("https://new.example/", 1), "pattern", "origin-trailing-slash", id="a URL"),
        pytest.param(("http://new.example", 1), "pattern", "risk-plain-http", id="a danger"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(member, old, sent, field, code):
    pattern, overlap = sent
    response = replace(member, old, pattern, overlap=overlap)

    assert response.status_code == 200
    errors = response.context["form"].errors.as_data()
    assert [(name, found[0].code) for name, found in errors.items()] == [(field, code)]
    assert Origin.objects.count() == 1


@pytest.mark.parametrize(
    "pattern", ["https://pr-*.acme.dev", "app://shop", "https://*.acme.dev", "http://localhost:*"]
)
def test_every_kind_of_pattern_can_be_the_new_one(member, old, pattern):
    replace(member, old, pattern)

    assert Origin.objects.get(pattern=pattern).replaces == old


def test_the_risk_of_the_new_one_is_accepted_anew(acme, old):
    risky = "http://new.acme.example"
    Origin.objects.filter(pk=old.pk).update(pattern="http://old.acme.example", risk_accepted=True)
    user = grant(UserFactory(), "accept_risk")
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    client = log_in(user)

    asked = replace(client, old, risky)

    assert asked.status_code == 200
    assert "risk_accepted" in fields_of(asked) or "risk_accepted" in asked.context["form"].fields
    unexplained = replace(client, old, risky, risk_accepted="on", change_reason="")
    assert unexplained.status_code == 200
    assert replace(client, old, risky, risk_accepted="on").status_code == 302
    assert Origin.objects.get(pattern=risky).risk_accepted


def test_the_title_does_not_name_a_tenant_that_the_user_may_not_see(acme, old):
    client = log_in(grant(UserFactory(), "view_origin", "add_origin", "change_origin"))

    response = client.get(page(old))

    assert response.context["title"] == f"Replace {old}"


PEOPLE = {
    "a viewer": ("viewer", "acme", 403),
    "an outsider": ("outsider", "acme", 404),
    "who may not change the platform": ("editor", "platform", 403),
    "a member of another tenant": ("member", "rival", 404),
}


@pytest.mark.parametrize(("person", "owner", "status"), PEOPLE.values(), ids=PEOPLE)
def test_who_may_not_replace_it(request, person, owner, status):
    row = OriginFactory(tenant=request.getfixturevalue(owner))
    client = request.getfixturevalue(person)

    for method in (client.get, client.post):
        assert method(page(row), {"pattern": NEW, "overlap": 1}).status_code == status
    assert not Origin.objects.filter(pattern=NEW).exists()


def test_an_entry_that_a_tenant_inherits_is_not_its_own_to_replace(member, platform):
    inherited = OriginFactory(tenant=platform)

    assert member.get(page(inherited)).status_code == 404


def test_the_second_of_two_people_is_told_of_the_first(member, superuser, old):
    opened = fields_of(member.get(page(old)))
    replace(superuser, old, "https://first.example")

    response = member.post(page(old), {**opened, "pattern": NEW, **WHY})

    first = "https://first.example (/api/)"
    assert_says(said(response), "replace-successor", origin=first)
    assert not Origin.objects.filter(pattern=NEW).exists()


def test_who_sends_what_is_stale_sees_it_and_may_send_it_again(member, superuser, old):
    opened = fields_of(member.get(page(old)))
    submit(superuser, reverse("admin:corsadmin_origin_change", args=[old.pk]), {"note": "x"})

    response = member.post(page(old), {**opened, "pattern": NEW, **WHY})

    assert {error.code for error in response.context["form"].errors.as_data()["__all__"]} == {
        "stale"
    }
    again = member.post(page(old), {**fields_of(response)})
    assert again.status_code == 302


def test_a_replacement_between_check_and_save_is_told_too(superuser, old):
    first = OriginFactory(tenant=old.tenant, pattern="https://first.example")
    theirs = Origin.objects.filter(pk=first.pk)
    change = partial(theirs.update, replaces=old)

    with connection.execute_wrapper(overtake('UPDATE "corsadmin_generation"', change)):
        response = replace(superuser, old)

    assert_says(said(response), "replace-successor", origin="https://first.example")
    assert not Origin.objects.filter(pattern=NEW).exists()


def test_both_pages_name_the_other_one(member, old):
    replace(member, old)
    new = Origin.objects.get(pattern=NEW)

    pages = [
        member.get(reverse("admin:corsadmin_origin_change", args=[row.pk])).content.decode()
        for row in (old, new)
    ]

    assert f'Replaced by <a href="/admin/corsadmin/origin/{new.pk}/change/"' in pages[0]
    assert f'Replaces <a href="/admin/corsadmin/origin/{old.pk}/change/"' in pages[1]


def test_the_link_goes_with_the_old_one_and_comes_back_with_it(member, old):
    replace(member, old)
    new, kept = Origin.objects.get(pattern=NEW), old.pk

    old.delete()
    new.refresh_from_db()
    assert new.replaces is None
    new.full_clean()
    assert member.get(reverse("admin:corsadmin_origin_change", args=[new.pk])).status_code == 200
    Origin.history.filter(id=kept).first().instance.save(force_insert=True)
    new.refresh_from_db()
    assert new.replaces_id == kept
    assert Origin.objects.get(replaces__pattern=old.pattern) == new


def test_an_entry_that_went_to_another_tenant_is_not_named(member, rival, old):
    replace(member, old)
    new = Origin.objects.get(pattern=NEW)
    Origin.objects.filter(pk=old.pk).update(tenant=rival)
    member.get(LISTED)  # what the save said is shown once

    shown = member.get(reverse("admin:corsadmin_origin_change", args=[new.pk]))

    assert old.pattern not in shown.content.decode()


def test_the_entry_of_a_pipeline_becomes_a_persons(member, old):
    Origin.objects.filter(pk=old.pk).update(made_by="previews")

    assert_says(member.get(page(old)), "replace-made-by", pipeline="previews")
    replace(member, old)

    assert Origin.objects.get(pattern=NEW).made_by == ""


@pytest.mark.parametrize(
    ("begin", "days", "expected"),
    [
        pytest.param(
            "2026-03-28T01:30", 1, "2026-03-29T01:30", id="into an hour that spring skips"
        ),
        pytest.param("2026-03-28T00:30", 1, "2026-03-29T00:30", id="into the night of spring"),
        pytest.param("2026-10-24T10:00", 2, "2026-10-26T11:00", id="over the end of summer time"),
    ],
)
def test_days_end_at_the_same_time_of_day(settings, begin, days, expected):
    settings.TIME_ZONE = "Europe/Berlin"
    now = datetime.fromisoformat(begin).replace(tzinfo=UTC)

    end = end_of_overlap(Origin(), days, now)

    assert f"{end.astimezone(UTC):%Y-%m-%dT%H:%M}" == expected
