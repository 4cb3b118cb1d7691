"""What nobody means: years at the ends of the calendar, endless numbers, names full of markup."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from corsadmin.admin.inlines import MAX_ROWS_SENT
from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from tests.admin.conftest import log_in
from tests.admin.forms import fields_of, submit
from tests.admin.imports import check, confirm, document, origins, problems
from tests.factories import OriginFactory, TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow

ENDS = ["0001-01-01T00:00", "9999-12-31T23:59", "9999-01-02T00:00"]
ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Niue"]  # none, and the last on either side
MARKUP = '"><script>alert(1)</script>'
BACKWARDS = "\u202egnp.exe\u200b"
ENDLESS = "9" * 30
NO_SUCH_YEAR = "message-moment-out-of-range"


def address(row, view="change"):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_{view}", args=[row.pk])


def list_of(model):
    return reverse(f"admin:corsadmin_{model}_changelist")


@pytest.fixture(params=ZONES)
def zone(request, settings):
    settings.TIME_ZONE = request.param


@pytest.mark.sweep
@pytest.mark.usefixtures("zone")
def test_a_year_that_a_time_zone_cannot_show_is_refused(superuser, acme):
    entry = acme.origins.get()

    values = fields_of(superuser.get(address(entry)))
    for moment in ENDS:
        both = {"valid_from": moment, "valid_until": moment}
        asked = superuser.post(address(entry), {**values, **both})

        wrong = asked.context["adminform"].form.errors.as_data()
        codes = {name: [error.code for error in errors] for name, errors in wrong.items()}
        assert codes == {name: ["moment-out-of-range"] for name in both}, moment
        sent = {"action": "set_end", "_selected_action": [entry.pk], "valid_until": moment}
        acted = superuser.post(list_of("origin"), sent, follow=True)
        assert_says(acted, NO_SUCH_YEAR)
    entry.refresh_from_db()
    assert entry.valid_until is None


@pytest.mark.parametrize(("until", "code"), [
    ("9999-12-31T23:59:59Z", "moment-out-of-range"),
    ("9999-12-31T23:59:59-14:00", "moment-out-of-range"),
    ("0001-01-01T00:00:00+14:00", "moment-out-of-range"),
    ("10000-01-01T00:00:00Z", "moment-invalid"),
])  # fmt: skip
def test_so_it_is_in_a_file(superuser, acme, until, code):
    shown = check(
        superuser, document(origins({"pattern": "https://x.example", "valid_until": until}))
    )

    assert problems(shown) == [("tenants[0].origins[0].valid_until", code)]


@pytest.mark.sweep
@pytest.mark.usefixtures("zone")
def test_the_last_year_is_shown_in_every_time_zone(superuser, acme):
    entry = {"pattern": "https://x.example", "valid_until": "9998-12-31T23:59:59Z"}
    confirm(superuser, check(superuser, document(origins(entry))))
    row = Origin.objects.get(pattern="https://x.example")

    for page in (address(row), address(row, "history"), address(acme), address(acme, "history")):
        assert superuser.get(page).status_code == 200
    assert superuser.get(list_of("origin")).status_code == 200


# West of UTC the first day would be in the year 0, east of it the last one in 10000.
@pytest.mark.sweep
@pytest.mark.parametrize(
    ("zone", "valid_from", "valid_until"),
    [
        pytest.param(
            "Pacific/Niue", datetime.min.replace(tzinfo=UTC), None, id="the first year, west"
        ),
        pytest.param(
            "Pacific/Kiritimati", None, datetime.max.replace(tzinfo=UTC), id="the last year, east"
        ),
        pytest.param("UTC", None, datetime.max.replace(tzinfo=UTC), id="the last year, between"),
    ],
    indirect=["zone"],
)
@pytest.mark.usefixtures("zone")
def test_years_in_the_history_are_shown_and_not_put_back(
    superuser, viewer, acme, valid_from, valid_until
):
    """A history has no constraints: raw SQL may have put them there, or a version before 0006."""
    entry = acme.origins.get()
    submit(superuser, address(entry), {"note": "later"})
    first, last = Origin.history.order_by("history_id")
    Origin.history.filter(pk=first.pk).update(valid_from=valid_from, valid_until=valid_until)

    version = f"{address(entry, 'history')}{first.pk}/"
    back = f"{address(acme, 'restore')}?before={last.history_date.isoformat().replace('+', '%2B')}"
    for page in (address(entry, "history"), version, address(acme, "history"), back):
        assert superuser.get(page).status_code == 200, page
    for page in (address(entry, "history"), version, address(acme, "history")):
        assert viewer.get(page).status_code == 200, page
    reverted = submit(superuser, version, {})
    plan = submit(superuser, back, {})

    for response in (reverted, plan):
        assert response.status_code == 200
        assert_says(response, NO_SUCH_YEAR)
    entry.refresh_from_db()
    assert (entry.note, entry.valid_from, entry.valid_until) == ("later", None, None)


@pytest.mark.sweep
@pytest.mark.parametrize("key", [ENDLESS, "-1", "x", "\u0663", "1_5"])
def test_a_key_that_is_none_finds_nothing_and_crashes_nothing(superuser, acme, key):
    for view in ("change", "history", "delete", "paste", "timeline", "restore"):
        response = superuser.get(f"/admin/corsadmin/tenant/{key}/{view}/")
        assert response.status_code in {302, 404}
    for name in ("tenant", "p", "o", "state", "risk", "modified__year", "modified__gte"):
        response = superuser.get(list_of("origin"), {name: key})
        assert response.status_code in {200, 302}, name
    for model in ("origin", "pathrule", "tenanthost", "tenantmember"):
        response = superuser.get(reverse(f"admin:corsadmin_{model}_add"), {"tenant": key})
        assert response.status_code == 200
    for action in ("enable", "delete_selected", "copy_to_tenants"):
        sent = {"action": action, "_selected_action": [key], "confirm_lockout": "on"}
        assert superuser.post(list_of("origin"), sent).status_code == 400


@pytest.fixture
def marked(acme):
    """A tenant whose every text is markup, stored past the gate, by somebody who is gone."""
    author = UserFactory(username=MARKUP, is_superuser=True)
    client = log_in(author)
    submit(client, address(acme), {"name": MARKUP, "note": BACKWARDS, "change_reason": MARKUP})
    OriginFactory(tenant=acme, pattern=f"https://{MARKUP}", note=MARKUP, scope=f"/{BACKWARDS}")
    PathRule.objects.create(tenant=acme, path=f"/{MARKUP}", methods=[MARKUP], note=BACKWARDS)
    TenantHost.objects.create(tenant=acme, host=MARKUP)
    TenantMemberFactory(tenant=acme, user=UserFactory(username=f"{MARKUP}{BACKWARDS}"))
    author.delete()
    return acme


def test_markup_is_text_on_every_page(superuser, marked):
    rows = [marked]
    for kept in (marked.origins, marked.paths, marked.hosts, marked.members):
        rows += kept.all()
    pages = ["/admin/corsadmin/", "/admin/", *(address(marked, v) for v in ("history", "paste"))]
    pages += [f"{address(marked, 'restore')}?before=2020-01-01T00:00:00Z"]
    pages += [address(row, view) for row in rows for view in ("change", "history", "delete")]
    asked = "&".join(f"{name}={MARKUP}" for name in ("origin", "method", "headers", "console"))
    pages += [f"{reverse('admin:corsadmin_tenant_try')}?url=https://acme.example.net/x&{asked}"]
    for model in ("tenant", "tenanthost", "pathrule", "origin", "tenantmember"):
        pages += [list_of(model), f"{list_of(model)}?q={MARKUP}"]
        pages += [f"{reverse(f'admin:corsadmin_{model}_add')}?{asked}&pattern={MARKUP}"]

    for page in pages:
        response = superuser.get(page)

        assert response.status_code == 200, page
        assert "<script>alert" not in response.content.decode(), page


@pytest.mark.parametrize(
    "text", [MARKUP, BACKWARDS, "\x00", "https://a\u2028b.example", "A" * 5000]
)
def test_what_is_sent_as_an_origin_comes_back_as_text(superuser, acme, text):
    pasted = superuser.post(address(acme, "paste"), {"lines": text, "check": "1", "scope": text})
    added = submit(
        superuser, reverse("admin:corsadmin_origin_add"), {"tenant": acme.pk, "pattern": text}
    )
    imported = check(superuser, text)

    for response in (pasted, added, imported):
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()
    assert acme.origins.count() == 1


@pytest.mark.parametrize("length", [64, 200, 100_000])
def test_a_slug_that_is_too_long_is_refused(superuser, length):
    response = submit(superuser, reverse("admin:corsadmin_tenant_add"), {"slug": "a" * length})

    assert response.status_code == 200
    assert not Tenant.objects.filter(slug__startswith="aa").exists()


def test_ten_thousand_pasted_lines_are_too_many(superuser, acme):
    lines = "\n".join(f"https://a{number}.example" for number in range(10_000))

    response = superuser.post(address(acme, "paste"), {"lines": lines, "check": "1"})

    assert_says(response, "paste-too-many")
    assert acme.origins.count() == 1


@pytest.mark.sweep
@pytest.mark.parametrize("prefix", ["origins", "hosts", "paths"])
def test_a_count_of_rows_that_no_page_sends_is_refused(superuser, acme, prefix):
    answer = submit(superuser, address(acme), {f"{prefix}-TOTAL_FORMS": ENDLESS})

    (counted,) = [
        inline.formset
        for inline in answer.context["inline_admin_formsets"]
        if inline.formset.prefix == prefix
    ]
    assert [error.code for error in counted.non_form_errors().as_data()] == ["too_many_forms"]
    assert len(counted.forms) == MAX_ROWS_SENT


def test_a_forged_list_of_fields_changes_nothing(member, rival):
    """What list_editable would send, were there any (CVE-2026-4292)."""
    entry = rival.origins.get()
    sent = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": entry.pk,
        "form-0-pattern": "https://evil.example",
        "_save": "Save",
    }

    assert member.post(list_of("origin"), sent).status_code == 200
    entry.refresh_from_db()
    assert entry.pattern == "https://app.rival.example"
