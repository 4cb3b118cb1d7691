"""Which pipeline made an entry: shown, kept, and nobody's to write."""

import pytest
from django.urls import reverse

from tests.admin.copies import APP, confirm, look
from tests.admin.forms import fields_of, submit


@pytest.fixture
def entry(acme):
    row = acme.origins.get()
    row.made_by = "web previews"
    row.save()
    return row


@pytest.fixture
def page(entry):
    return reverse("admin:corsadmin_origin_change", args=[entry.pk])


def test_the_page_of_an_entry_shows_it_and_keeps_it(member, entry, page):
    shown = member.get(page)
    response = submit(member, page, {"note": "seen", "made_by": "somebody"})

    entry.refresh_from_db()
    assert "web previews" in shown.content.decode()
    assert "made_by" not in fields_of(shown)
    assert response.status_code == 302
    assert (entry.note, entry.made_by) == ("seen", "web previews")


def test_a_copy_belongs_to_the_person_who_makes_it(superuser, acme, rival, entry):
    rows = acme.origins.all()

    confirm(superuser, look(superuser, rows, "rival"), rows)

    assert rival.origins.get(pattern=APP).made_by == ""
