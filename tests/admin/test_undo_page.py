"""The page that undoes a change says whose change it was, of which tenants, and leads back."""

import re
from urllib.parse import urlencode

from django.urls import reverse

from corsadmin.models import generation
from tests.admin.forms import fields_of
from tests.admin.undoing import last_number, page
from tests.factories import UserFactory
from tests.messages.screens import filled, pattern

LISTED = "/admin/corsadmin/origin/?q=app"


def disable(*entries, by="anna"):
    user = UserFactory(username=by)
    with generation.change():
        for entry in entries:
            entry.enabled, entry._history_user, entry._change_reason = False, user, "OPS-4"
            entry.save()


def test_it_names_who_made_the_change_why_and_of_which_tenants(superuser, acme, rival):
    disable(acme.origins.get(), rival.origins.get())

    shown = superuser.get(page())

    text = " ".join(shown.content.decode().split())
    assert re.fullmatch(pattern("undo-title-by", users="anna"), shown.context["title"])
    assert "<p>OPS-4</p>" in text
    assert "origin https://app.acme.example (acme) changes" in text
    assert "origin https://app.rival.example (rival) changes" in text


def test_a_change_from_a_command_has_no_user(superuser, acme):
    acme.origins.get().delete()

    title = superuser.get(page()).context["title"]
    nobody = filled("history-unknown-user")
    assert re.fullmatch(pattern("undo-title-by", users=nobody), title)


def test_it_leads_back_to_the_history_as_it_was_searched(superuser, acme):
    disable(acme.origins.get())
    asked = reverse("admin:corsadmin_tenant_history_all") + "?q=app.acme.example"

    address = f"{page()}?{urlencode({'back': asked})}"

    assert f'href="{address}"' in superuser.get(asked).content.decode()
    shown = superuser.get(address)
    assert f'href="{asked}" class="closelink"' in shown.content.decode()
    done = superuser.post(address, {**fields_of(shown), "undo": "1", "confirm_lockout": "on"})
    assert done["Location"] == asked


def test_undo_beside_the_message_of_a_list_leads_back_to_the_list(superuser, acme):
    sent = {"action": "disable", "_selected_action": acme.origins.get().pk, "index": "0"}
    given = {"confirm_lockout": "on", "change_reason": "OPS-4"}

    shown = superuser.post(LISTED, {**sent, **given}, follow=True)

    assert f'href="{page(last_number())}?{urlencode({"back": LISTED})}"' in shown.content.decode()
