"""A command that acts as a user needs a reason where the admin does; an operator's does not."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import Origin
from tests.factories import UserFactory
from tests.management.imports import refused

pytestmark = pytest.mark.django_db

RISKY = {"pattern": "http://app.acme.example", "credentials": True, "risk_accepted": True}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "policies.json"
    tenant = {"slug": "acme", "origins": [RISKY]}
    path.write_text(json.dumps({"version": 1, "tenants": [tenant]}), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", ["cors_import", "cors_sync"])
def test_acting_as_a_user_needs_a_reason_for_a_risk(
    command: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    user = UserFactory(is_superuser=True).username

    with pytest.raises(CommandError, match=refused(1)):
        call_command(command, file, user=user)

    place = "" if command == "cors_import" else f"{file}: "
    told = capsys.readouterr().err
    assert told.startswith(f"{place}tenants[0].origins[0] (acme): ")
    assert "--reason" in told
    assert told.endswith(" [reason-missing]\n")
    call_command(command, file, user=user, reason="OPS-1")
    assert Origin.history.get().history_change_reason == "Import: OPS-1"


@pytest.mark.parametrize(
    ("command", "options"),
    [
        pytest.param("cors_import", {}, id="an operator's import"),
        pytest.param("cors_sync", {}, id="an operator's sync"),
        pytest.param("cors_import", {"dry_run": True, "user": "anna"}, id="a look at the plan"),
    ],
)
def test_a_person_at_the_terminal_need_not_give_a_reason(
    command: str, options: dict[str, Any], file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    UserFactory(username="anna", is_superuser=True)

    call_command(command, file, **options)

    assert capsys.readouterr().err == ""
    assert Origin.objects.exists() is ("dry_run" not in options)
