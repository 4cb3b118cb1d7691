"""The page of an emergency, and the banner, as tests use them."""

from django.urls import reverse

from corsadmin.models.emergency_switch import emergency_version

START = "/admin/corsadmin/"
BANNER = 'class="corsadmin-emergency"'


def page(tenant):
    return reverse("admin:corsadmin_tenant_emergency", args=[tenant.pk])


def shown(client, address):
    response = client.get(address)

    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def banner(client, address=START):
    """Return the text of the banner on a page, blank without one."""
    text = shown(client, address)
    return text.partition(BANNER)[2].partition("</section>")[0]


def switch(client, tenant, **values):
    return client.post(
        page(tenant), {"level": "all", "change_reason": "INC-1", "switch": "", **values}
    )


def lift(client, tenant, *, follow=True, **values):
    version = emergency_version(tenant.emergency)
    said = {"change_reason": "over", "version": version, "lift": ""}
    return client.post(page(tenant), {**said, **values}, follow=follow)
