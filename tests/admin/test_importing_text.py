"""The import page with a text that somebody sent."""

import pytest

from tests.admin.imports import accept, check, confirm

MAIL = "Please allow https://new.acme.example and www.acme.example."


def test_the_origins_of_a_text_are_imported_after_a_look(superuser, acme):
    shown = check(superuser, MAIL, format="text", into="acme")
    (problem, correction) = shown.context["problems"][0]
    assert problem.place.startswith("line 1, column 43")

    shown = accept(superuser, shown, correction)
    answer = confirm(superuser, shown, change_reason="OPS-1")

    assert answer.status_code == 302
    assert set(acme.origins.values_list("pattern", flat=True)) == {
        "https://app.acme.example",
        "https://new.acme.example",
        "https://www.acme.example",
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [({"into": ""}, "into"), ({"into": "acme", "prune": "on"}, "prune")],
    ids=["of no tenant", "pruned"],
)
def test_a_text_needs_its_tenant_and_removes_nothing(superuser, acme, given, field):
    response = check(superuser, MAIL, format="text", **given)

    assert field in response.context["form"].errors
    assert acme.origins.count() == 1


def test_a_member_imports_a_text_only_into_their_own_tenant(member, acme, rival):
    response = check(member, "https://new.example", format="text", into="rival")

    assert response.context["problems"]
    assert rival.origins.count() == 1
