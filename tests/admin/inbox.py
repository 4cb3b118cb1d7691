"""The pages of the inbox, as tests read them."""

from django.urls import reverse

ALL = "/admin/corsadmin/tenant/inbox/"


def of(tenant):
    return reverse("admin:corsadmin_tenant_inbox_of", args=[tenant.pk])


def listed(client, page=ALL, **query):
    """Return the origins that a page lists, in their order."""
    return [line.refused.origin for line in lines(client, page, **query)]


def lines(client, page=ALL, **query):
    response = client.get(page, query)

    assert response.status_code == 200
    return response.context["lines"]


def text(client, page=ALL, **query):
    response = client.get(page, query)

    assert response.status_code == 200
    return " ".join(response.content.decode().split())
