"""What the pages say to browsers without JavaScript."""

from django.urls import reverse

from tests.messages.screens import assert_says, assert_silent


def test_rows_are_added_from_the_page_of_their_tenant(request, acme):
    page = reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    shown = {
        person: request.getfixturevalue(person).get(page).context["additions"]
        for person in ("superuser", "member", "viewer")
    }

    names = {person: [name for name, _page in links] for person, links in shown.items()}
    assert names == {
        "superuser": ["origin", "host", "path rule", "member"],
        "member": ["origin", "path rule"],
        "viewer": [],
    }


def test_a_form_in_which_no_tenant_can_be_chosen_says_so(superuser, acme):
    page = reverse("admin:corsadmin_origin_add")

    assert_says(superuser.get(page), "javascript-tenant")
    assert_silent(superuser.get(page, {"tenant": acme.pk}), "javascript-tenant")
