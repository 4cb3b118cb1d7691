"""The clean-up pages, as tests read them."""

import csv
import io
from datetime import timedelta

from django.urls import reverse

from corsadmin.admin.last_seen.conditions import today

UNUSED = ["https://*.seldom.example", "https://unused.example"]
ALL = "/admin/corsadmin/tenant/clean-up/"


def of(tenant):
    return reverse("admin:corsadmin_tenant_clean_up_of", args=[tenant.pk])


def day(days):
    return today() - timedelta(days=days)


def text(client, page, **query):
    response = client.get(page, query)

    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def proposed(client, tenant, **query):
    """Return the origins and the path rules that a tenant's page proposes to disable."""
    context = client.get(of(tenant), query).context
    return (
        [str(one.entry) for one, _page in context["entries"]],
        [str(one.rule) for one, _page in context["rules"]],
    )


def rows_of(client, page):
    response = client.get(page, {"csv": "1"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="clean-up.csv"'
    return list(csv.reader(io.StringIO(response.content.decode())))
