"""The first near miss, for policies and requests that people labelled before the code was written."""

import json
from pathlib import Path
from typing import Any

import pytest

from corsadmin.diagnose.explain import Question, explain
from corsadmin.engine import Snapshot
from corsadmin.models import TenantHost
from corsadmin.serving.loader import load
from tests.diagnose.explain.questions import APP, HOST
from tests.factories import make_site

pytestmark = pytest.mark.django_db

GROUPS = json.loads(Path(__file__).with_name("near_misses.json").read_text("utf-8"))
MIN_RIGHT = 0.98
# What is shown instead of the label, by the id of the case: another name of the machine with any port
# counts as the same port.
MISSES = {
    "IPv6 with another port": "machine http://127.0.0.1:*",
}


def make_policy(group: dict[str, Any], settings: Any) -> None:
    """Store what a group says; its hosts without the checks that a person's would pass."""
    for name, value in group.get("settings", {}).items():
        setattr(settings, name, value)
    site = make_site(
        group.get("slug", "acme"),
        origins=group.get("origins", []),
        paths=group.get("rules"),
    )
    site.is_active = not group.get("inactive", False)
    site.save()
    if "hosts" in group:
        TenantHost.objects.filter(tenant=site).delete()
        TenantHost.objects.bulk_create(
            [TenantHost(tenant=site, host=host) for host in group["hosts"]]
        )
    if "rival" in group:
        make_site("rival", origins=group["rival"])


def first_shown(request: str | dict[str, Any], snapshot: Snapshot) -> str | None:
    given = {"origin": request} if isinstance(request, str) else dict(request)
    lines = [name.partition(":") for name in given.pop("headers", [])]
    headers = {name: value.strip() or "1" * 200 for name, _, value in lines}
    question = Question(
        **{"host": HOST, "path": "/api/x", "origin": APP, "headers": headers, **given}
    )
    near = explain(question, snapshot=snapshot).near_misses
    return f"{near[0].kind} {near[0].entry}" if near else None


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=[group["policy"] for group in GROUPS])
def test_the_first_one_shown_is_the_right_one(group: dict[str, Any], settings: Any) -> None:
    make_policy(group, settings)
    snapshot = load("default")

    shown = {name: first_shown(request, snapshot) for name, request, _ in group["cases"]}

    assert shown == {name: MISSES.get(name, label) for name, _, label in group["cases"]}


def test_at_least_98_of_100_are_right() -> None:
    names = [name for group in GROUPS for name, _, _ in group["cases"]]

    assert len(set(names)) == len(names) >= 150
    assert set(MISSES) <= set(names)
    assert 1 - len(MISSES) / len(names) >= MIN_RIGHT
