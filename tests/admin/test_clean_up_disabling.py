"""What is proposed is disabled, after the ordinary question, by those who may."""

import pytest

from corsadmin.models import Origin
from corsadmin.proposed_change.losses import LAST
from tests.admin.conftest import log_in
from tests.admin.forms import fields_of
from tests.admin.unused import UNUSED, of, proposed, text
from tests.factories import TenantMemberFactory, UserFactory
from tests.messages.screens import assert_says

pytestmark = pytest.mark.slow


def test_origins_are_disabled_and_never_deleted(member, old):
    keys = [row.pk for row in old.origins.filter(pattern__in=UNUSED)]
    response = member.post(
        of(old) + "?days=90",
        {"disable": "origin", "chosen_origin": keys, "change_reason": "unused"},
    )

    assert (response.status_code, response["Location"]) == (302, of(old) + "?days=90")
    assert set(Origin.objects.filter(enabled=False).values_list("pk", flat=True)) == {*keys}
    version = Origin.history.filter(id=keys[0]).first()
    assert (version.enabled, version.history_change_reason) == (False, "unused")
    assert str(version.history_user) == "member"
    assert proposed(member, old) == ([], ["/unused/"])


def test_path_rules_are_disabled(member, old):
    rule = old.paths.get(path="/unused/")
    member.post(of(old), {"disable": "pathrule", "chosen_pathrule": [rule.pk]})

    rule.refresh_from_db()
    assert not rule.enabled


def test_the_ordinary_question_is_asked_before_the_last_origin_goes(member, old):
    old.origins.exclude(pattern="https://unused.example").delete()
    (entry,) = old.origins.all()
    asked = member.post(
        of(old), {"disable": "origin", "chosen_origin": [entry.pk], "change_reason": "unused"}
    )

    assert asked.status_code == 200
    assert asked.context_data["losses"] == [f"acme: {LAST}"]
    assert_says(asked, "lockout-question")
    entry.refresh_from_db()
    assert entry.enabled
    done = member.post(of(old), {**fields_of(asked), "change_reason": "unused"})
    entry.refresh_from_db()
    assert (done.status_code, entry.enabled) == (302, False)


FORGED = {
    "nothing": {"disable": "origin"},
    "no key": {"disable": "origin", "chosen_origin": ["x"]},
    "what is used": {"disable": "origin", "chosen_origin": ["{used}"]},
    "a rule as an origin": {"disable": "origin", "chosen_pathrule": ["1"]},
    "no kind": {"disable": "tenant", "chosen_origin": ["{used}"]},
}


@pytest.mark.parametrize("sent", FORGED.values(), ids=FORGED)
def test_what_is_not_proposed_is_not_disabled(member, old, sent):
    used = old.origins.get(pattern="https://app.acme.example")
    values = {
        name: [str(used.pk)] if value == ["{used}"] else value for name, value in sent.items()
    }
    response = member.post(of(old), values, follow=True)

    assert_says(response, "clean-up-select-first")
    assert not Origin.objects.filter(enabled=False).exists()


def test_who_may_not_change_is_offered_nothing_and_does_nothing(viewer, old):
    assert 'type="checkbox"' not in text(viewer, of(old))
    entry = Origin.objects.get(pattern="https://unused.example")
    assert (
        viewer.post(of(old), {"disable": "origin", "chosen_origin": [entry.pk]}).status_code == 403
    )


def test_an_editor_of_another_tenant_disables_nothing(old, rival):
    user = UserFactory()
    TenantMemberFactory(tenant=rival, user=user, role="editor")
    TenantMemberFactory(tenant=old, user=user, role="viewer")
    entry = Origin.objects.get(pattern="https://unused.example")
    client = log_in(user)

    assert (
        client.post(of(old), {"disable": "origin", "chosen_origin": [entry.pk]}).status_code == 403
    )
    client.post(of(rival), {"disable": "origin", "chosen_origin": [entry.pk]})
    entry.refresh_from_db()
    assert entry.enabled
