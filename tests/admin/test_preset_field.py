"""The choice of a preset in the form of a path rule: what it fills in, and that nobody saves it unseen."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from corsadmin.models import PathRule, Tenant
from corsadmin.presets import PRESETS
from tests.admin.forms import codes_of, errors_of, fields_of, submit
from tests.factories import PathRuleFactory

pytestmark = pytest.mark.slow

LISTS = ("methods", "request_headers", "exposed_headers")
# What a preset makes of lists: (key, lists before, lists after).
FILLED = {
    "empty lists": (
        "grpc-web",
        ("", "", ""),
        (
            "POST",
            "content-type, grpc-timeout, x-grpc-web, x-user-agent",
            "grpc-message, grpc-status, grpc-status-details-bin",
        ),
    ),
    "names that are there stay, in their order and case": (
        "dpop",
        ("PUT GET", "X-Mine, DPoP", "DPoP-Nonce x-total"),
        ("PUT, GET", "X-Mine, DPoP, authorization", "DPoP-Nonce, x-total, www-authenticate"),
    ),
    "a method in another case is another method": (
        "tus",
        ("patch", " ".join(PRESETS["tus"].request_headers), "*"),
        (
            "patch, HEAD, POST, PATCH, DELETE",
            ", ".join(PRESETS["tus"].request_headers),
            ", ".join(["*", *PRESETS["tus"].exposed_headers]),
        ),
    ),
    "lists that hold all of it": ("b3", ("GET", " ".join(PRESETS["b3"].request_headers), ""), None),
}


@pytest.fixture
def rule(acme: Tenant) -> PathRule:
    found: PathRule = PathRuleFactory(tenant=acme, path="/presets/", methods=["GET"])
    return found


def place_of(rule: PathRule, page: str) -> tuple[str, str]:
    """Return the address of a page that edits a rule, and what its fields begin with."""
    if page == "rule":
        return reverse("admin:corsadmin_pathrule_change", args=[rule.pk]), ""
    paths = list(rule.tenant.paths.order_by("path").values_list("pk", flat=True))
    address = reverse("admin:corsadmin_tenant_change", args=[rule.tenant_id])
    return address, f"paths-{paths.index(rule.pk)}-"


@pytest.mark.parametrize("page", ["rule", "tenant"])
@pytest.mark.parametrize("case", FILLED.values(), ids=FILLED)
def test_without_a_script_the_form_comes_back_filled_in(
    superuser: Client, rule: PathRule, page: str, case: Any
) -> None:
    key, before, after = case
    address, prefix = place_of(rule, page)
    given = {f"{prefix}{name}": text for name, text in zip(LISTS, before, strict=True)}

    response = submit(superuser, address, {**given, f"{prefix}preset": key})

    assert response.status_code == 200
    assert "filled-in" in codes_of(response)
    shown = fields_of(response)
    expected = after or tuple(text.replace(" ", ", ") for text in before)
    assert tuple(shown[f"{prefix}{name}"] for name in LISTS) == expected
    assert shown[f"{prefix}preset"] == ""
    rule.refresh_from_db()
    assert rule.methods == ["GET"]


@pytest.mark.parametrize("page", ["rule", "tenant"])
def test_what_came_back_is_saved_as_plain_lists(
    superuser: Client, rule: PathRule, page: str
) -> None:
    address, prefix = place_of(rule, page)
    changed = {f"{prefix}preset": "mcp", f"{prefix}note": "for the assistant"}
    filled = fields_of(submit(superuser, address, changed))

    response = superuser.post(address, filled)

    assert response.status_code == 302, errors_of(response)
    rule.refresh_from_db()
    assert rule.note == "for the assistant"
    assert set(rule.methods) == {"GET", "POST", "DELETE"}
    assert set(rule.request_headers) == set(PRESETS["mcp"].request_headers)
    assert set(rule.exposed_headers) == set(PRESETS["mcp"].exposed_headers)
    changes = rule.history.latest().diff_against(rule.history.earliest()).changes
    assert "preset" not in {change.field for change in changes}


def test_a_new_rule_is_filled_in_too(superuser: Client, acme: Tenant) -> None:
    address = reverse("admin:corsadmin_pathrule_add")
    given = {"tenant": acme.pk, "path": "/uploads/", "preset": "tus"}

    filled = fields_of(submit(superuser, f"{address}?tenant={acme.pk}", given))
    assert not PathRule.objects.filter(path="/uploads/").exists()
    response = superuser.post(address, filled)

    assert response.status_code == 302, errors_of(response)
    assert "PATCH" in PathRule.objects.get(path="/uploads/").methods


@pytest.mark.parametrize("key", ["drf-session", "drf-token"])
def test_what_is_worth_knowing_of_a_preset_is_told(
    superuser: Client, rule: PathRule, key: str
) -> None:
    response = submit(superuser, place_of(rule, "rule")[0], {"preset": key})

    (error,) = errors_of(response)
    assert error.endswith(str(PRESETS[key].note))
    assert error.strip() == error


def test_a_preset_that_is_not_there_is_refused(superuser: Client, rule: PathRule) -> None:
    response = submit(superuser, place_of(rule, "rule")[0], {"preset": "nothing"})

    assert codes_of(response) == {"invalid_choice"}


def test_the_other_problems_of_a_form_are_told_as_well(superuser: Client, rule: PathRule) -> None:
    given = {"preset": "dpop", "path": "presets/"}

    response = submit(superuser, place_of(rule, "rule")[0], given)

    assert codes_of(response) >= {"filled-in"}
    assert len(codes_of(response)) == 2


@pytest.mark.parametrize("page", ["rule", "tenant"])
def test_the_page_gives_the_script_the_lists_of_all_presets(
    superuser: Client, rule: PathRule, page: str
) -> None:
    text = superuser.get(place_of(rule, page)[0]).content.decode()

    (found,) = re.findall(r'<script id="corsadmin-presets"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert json.loads(unescape(found)) == {
        key: {
            "lists": {name: list(names) for name, names in preset.lists.items()},
            "note": str(preset.note),
        }
        for key, preset in PRESETS.items()
    }


def test_readers_and_old_versions_have_no_choice(
    superuser: Client, viewer: Client, rule: PathRule
) -> None:
    version = reverse(
        "admin:corsadmin_pathrule_simple_history", args=[rule.pk, rule.history.latest().pk]
    )
    for client, address in (
        (viewer, place_of(rule, "rule")[0]),
        (viewer, place_of(rule, "tenant")[0]),
        (superuser, version),
    ):
        response = client.get(address)

        assert response.status_code == 200
        assert "corsadmin-preset" not in response.content.decode().replace("corsadmin-presets", "")
