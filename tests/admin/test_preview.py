"""Every page that shows a change before it is made asks for the same confirmation of it."""

from datetime import UTC, datetime
from typing import ClassVar

import pytest
from django.urls import reverse

from corsadmin.admin.import_file.views import ALREADY
from corsadmin.admin.preview.preview import CHANGED, LOCKS_OUT, LONG_REASON, NOTHING
from corsadmin.admin.risks.acceptance import MAY_NOT_OPEN, SAY_WHY
from corsadmin.models import Generation, Origin, PathRule, Tenant
from corsadmin.proposed_change.losses import LAST
from tests.admin import copies, imports, past, pastes
from tests.admin.conftest import log_in
from tests.admin.forms import fields_of
from tests.admin.opening import staff
from tests.factories import OriginFactory, TenantFactory, UserFactory
from tests.messages.screens import filled

pytestmark = pytest.mark.slow

NEW = "https://new.acme.example"
START = datetime(2020, 1, 1, tzinfo=UTC)


class ImportDoor:
    """A file that writes one origin."""

    button: ClassVar = {"apply": "Import this"}
    when_nothing_is_left = ALREADY

    def look(self, client, acme, **extra):
        return client.post(imports.PAGE, {"text": imports.TABLE, "check": "Check", **extra})

    def send(self, client, acme, values):
        return client.post(imports.PAGE, {**values, "file": ""})


class PasteDoor:
    """One origin that is pasted."""

    button: ClassVar = {"add": "Add"}
    when_nothing_is_left = CHANGED

    def look(self, client, acme, **extra):
        return pastes.paste(client, acme, [NEW], **{"change_reason": "", **extra})

    def send(self, client, acme, values):
        return client.post(pastes.page(acme), values)


class CopyDoor:
    """A tenant's origin that is copied to another one."""

    button: ClassVar = {"copy": "Add"}
    when_nothing_is_left = CHANGED

    def look(self, client, acme, **extra):
        return copies.look(client, acme.origins.all(), "fresh", **extra)

    def send(self, client, acme, values):
        return client.post(reverse("admin:corsadmin_origin_changelist"), values)


class RestoreDoor:
    """A tenant that is put back to what it was before it had any rows."""

    button: ClassVar[dict[str, str]] = {}
    when_nothing_is_left = CHANGED

    def look(self, client, acme, **extra):
        return client.get(past.url("restore", acme, START))

    def send(self, client, acme, values):
        return client.post(past.url("restore", acme), values)


DOORS = [ImportDoor(), PasteDoor(), CopyDoor(), RestoreDoor()]


@pytest.fixture(params=DOORS, ids=["import", "paste", "copy", "restore"])
def door(request, acme):
    TenantFactory(slug="fresh")
    return request.param


def press(door, client, acme, shown, **changes):
    """Press the confirm button, some fields having been changed."""
    values = {**fields_of(shown), "confirm_lockout": "on", **door.button, **changes}
    return door.send(client, acme, {name: value for name, value in values.items() if value != ""})


def moves():
    return Generation.objects.get().value


def stored():
    """Return everything that the doors may write."""
    kinds = (Tenant, Origin, PathRule)
    return [list(kind.objects.order_by("pk").values_list("pk", "modified")) for kind in kinds]


def test_what_was_shown_is_written_as_one_change(door, superuser, acme):
    before = moves()

    done = press(door, superuser, acme, door.look(superuser, acme))

    assert done.status_code == 302
    assert moves() == before + 1


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"digest": ""}, id="no digest"),
        pytest.param({"digest": "0" * 16}, id="another digest"),
    ],
)
def test_without_its_digest_a_preview_is_shown_anew(door, superuser, acme, changes):
    shown = door.look(superuser, acme)
    before = stored()

    refused = press(door, superuser, acme, shown, **changes)

    assert refused.status_code == 200
    assert refused.context["refused"] == CHANGED
    assert stored() == before
    assert press(door, superuser, acme, refused).status_code == 302


def test_the_preview_of_somebody_else_is_shown_anew(door, superuser, acme):
    other = log_in(UserFactory(is_staff=True, is_superuser=True))
    shown = door.look(superuser, acme)

    refused = press(door, other, acme, shown)

    assert refused.context["refused"] == CHANGED
    assert press(door, other, acme, refused).status_code == 302


def test_a_preview_that_was_overtaken_is_shown_anew(door, superuser, acme):
    shown = door.look(superuser, acme)
    for tenant in Tenant.objects.exclude(slug="platform"):
        OriginFactory(tenant=tenant, pattern=NEW)
    OriginFactory(tenant=Tenant.objects.get(slug="fresh"), pattern=copies.APP)
    before = stored()

    refused = press(door, superuser, acme, shown)

    assert refused.context["refused"] == door.when_nothing_is_left
    assert stored() == before


def test_a_change_is_made_once(door, superuser, acme):
    shown = door.look(superuser, acme)
    assert press(door, superuser, acme, shown).status_code == 302
    before = stored()

    again = press(door, superuser, acme, shown)

    assert again.context["refused"] == door.when_nothing_is_left
    assert "digest" not in fields_of(again)
    assert stored() == before


def test_nothing_to_write_cannot_be_confirmed(door, superuser, acme):
    shown = door.look(superuser, acme)
    assert press(door, superuser, acme, shown).status_code == 302
    empty = door.look(superuser, acme)
    before = moves()

    refused = press(door, superuser, acme, empty, digest=empty.context["digest"])

    assert not empty.context["can_confirm"]
    assert refused.context["refused"] == NOTHING
    assert moves() == before


def test_a_reason_is_kept_from_page_to_page(door, superuser, acme):
    shown = door.look(superuser, acme, change_reason="OPS-1")

    refused = press(door, superuser, acme, shown, digest="", change_reason="OPS-2")

    assert fields_of(refused)["change_reason"] == "OPS-2"


# A list refuses too long a reason for any of its actions.
@pytest.mark.parametrize("door", [ImportDoor(), PasteDoor(), RestoreDoor()])
def test_a_reason_has_an_end(door, superuser, acme):
    shown = door.look(superuser, acme)
    before = stored()

    refused = press(door, superuser, acme, shown, change_reason="x" * 501)

    assert refused.context["unexplained"] == LONG_REASON
    assert 'aria-describedby="id_change_reason_error"' in refused.content.decode()
    assert stored() == before
    assert press(door, superuser, acme, shown, change_reason="x" * 500).status_code == 302


def test_what_locks_somebody_out_is_confirmed_by_a_tick(superuser, acme):
    door = RestoreDoor()
    shown = door.look(superuser, acme)
    before = stored()

    unticked = press(door, superuser, acme, shown, confirm_lockout="")

    assert shown.context["losses"] == [LAST]
    assert unticked.context["refused"] == LOCKS_OUT
    assert stored() == before
    assert press(door, superuser, acme, unticked).status_code == 302


def test_a_tick_is_kept_as_long_as_the_preview_is_the_same(superuser, acme):
    door = RestoreDoor()
    shown = door.look(superuser, acme)

    long_reason = press(door, superuser, acme, shown, change_reason="x" * 501)
    overtaken = press(door, superuser, acme, shown, digest="")

    assert fields_of(long_reason)["confirm_lockout"] == "on"
    assert "confirm_lockout" not in fields_of(overtaken)


def test_what_opens_a_path_to_everybody_is_said_before_it_is_copied(superuser, acme):
    TenantFactory(slug="fresh")
    rule = acme.paths.get()
    PathRule.objects.filter(pk=rule.pk).update(path="/", any_origin=True, credentials=False)

    shown = copies.look(superuser, [rule], "fresh", model="pathrule")
    silent = copies.confirm(superuser, shown, [rule])

    assert shown.context["widened"] == [f"fresh: {filled('widening-paths', paths='/')}"]
    assert silent.context["unexplained"] == SAY_WHY
    done = copies.confirm(superuser, silent, [rule], change_reason="OPS-1")
    assert done.status_code == 302


def test_who_may_not_open_a_path_cannot_confirm_what_opens_it(acme):
    """Putting back takes a narrower rule away, below one that is open to any origin."""
    PathRule.objects.filter(tenant=acme).update(path="/", any_origin=True, credentials=False)
    PathRule.history.filter(tenant_id=acme.pk).update(
        path="/", any_origin=True, credentials=False, history_date=START
    )
    Tenant.history.filter(id=acme.pk).update(history_date=START)
    acme.paths.create(path="/private/")
    editor = log_in(staff(acme))
    url = past.url("restore", acme, datetime(2020, 1, 2, tzinfo=UTC))
    before = stored()

    shown = editor.get(url)
    values = {**fields_of(shown), "confirm_lockout": "on", "change_reason": "x"}
    refused = editor.post(url, values)

    assert refused.context["refused"] == MAY_NOT_OPEN
    assert stored() == before
