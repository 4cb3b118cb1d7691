"""Who changed what and why, and putting an earlier version back."""

import pytest
from django.urls import reverse

from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.models import Generation, Origin, PathRule, Tenant
from tests.admin.forms import fields_of, submit
from tests.factories import OriginFactory, PathRuleFactory


def history(row):
    return reverse(f"admin:corsadmin_{row._meta.model_name}_history", args=[row.pk])


def version_page(row, version):
    name = f"admin:corsadmin_{row._meta.model_name}_simple_history"
    return reverse(name, args=[row.pk, version.pk])


def test_the_history_names_who_when_why_and_what(superuser, acme):
    entry = acme.origins.get()
    change = reverse("admin:corsadmin_origin_change", args=[entry.pk])
    submit(superuser, change, {"note": "seen", "change_reason": "OPS-9"})

    shown = superuser.get(history(entry)).content.decode()

    assert "OPS-9" in shown
    assert "superuser" in shown
    assert "seen" in shown


def test_an_earlier_version_can_be_put_back(superuser, acme):
    entry = acme.origins.get()
    change = reverse("admin:corsadmin_origin_change", args=[entry.pk])
    submit(superuser, change, {"scope": "/other/"})
    first = entry.history.earliest()
    before = Generation.objects.get().value

    response = submit(superuser, version_page(entry, first), {"change_reason": "undo"})

    assert response.status_code == 302
    entry.refresh_from_db()
    assert entry.scope == ""
    assert entry.history.first().history_change_reason == "undo"
    assert Generation.objects.get().value == before + 1


def test_a_tenant_s_earlier_version_can_be_put_back(superuser, acme):
    Tenant.objects.filter(pk=acme.pk).update(name="Other", is_active=False)

    response = submit(superuser, version_page(acme, acme.history.earliest()))

    assert response.status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.is_active) == ("Acme", True)


def test_a_deleted_row_can_be_put_back(superuser, acme):
    entry = acme.origins.get()
    key = entry.pk
    entry.delete()
    version = Origin.history.get(id=key, history_type="-")
    url = reverse("admin:corsadmin_origin_simple_history", args=[key, version.pk])

    response = submit(superuser, url)

    assert response.status_code == 302
    assert acme.origins.get().pattern == "https://app.acme.example"


def test_a_row_cannot_come_back_to_a_tenant_that_is_gone(superuser, acme):
    key = acme.origins.get().pk
    acme.delete()
    version = Origin.history.get(id=key, history_type="-")
    url = reverse("admin:corsadmin_origin_simple_history", args=[key, version.pk])

    assert superuser.get(url).status_code == 200
    assert superuser.post(url, fields_of(superuser.get(url))).status_code == 403
    assert not Origin.objects.exists()


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        pytest.param(
            Origin,
            {"pattern": "http://plain.example", "credentials": True, "risk_accepted": True},
            id="a risky origin",
        ),
        pytest.param(PathRule, {"path": "/open/", "any_origin": True}, id="an open path"),
    ],
)
def test_a_dangerous_version_is_put_back_only_by_who_may_accept_it(
    member, superuser, acme, model, fields
):
    factory = OriginFactory if model is Origin else PathRuleFactory
    row = factory(tenant=acme, **fields)
    version = row.history.get()
    field = "credentials" if model is Origin else "any_origin"
    model.objects.filter(pk=row.pk).update(**{field: False})

    assert submit(member, version_page(row, version)).status_code == 200
    row.refresh_from_db()
    assert not getattr(row, field)
    silent = submit(superuser, version_page(row, version))
    assert silent.context["adminform"].form.errors["change_reason"] == [str(SAY_WHY)]
    meant = submit(superuser, version_page(row, version), {"change_reason": "OPS-1"})
    assert meant.status_code == 302
    row.refresh_from_db()
    assert getattr(row, field)


@pytest.mark.parametrize("model", ["tenant", "tenanthost", "pathrule", "origin", "tenantmember"])
def test_histories_of_what_never_was_are_not_found(superuser, model):
    for path in ("nonsense/history/", "nonsense/history/1/", "1/history/nonsense/"):
        assert superuser.get(f"/admin/corsadmin/{model}/{path}").status_code == 404, path


def test_a_viewer_sees_the_history_and_can_put_nothing_back(viewer, acme):
    entry = acme.origins.get()
    version = version_page(entry, entry.history.get())

    assert viewer.get(history(entry)).status_code == 200
    assert viewer.get(version).status_code == 200
    assert viewer.post(version, {"pattern": "https://x.example"}).status_code == 403
