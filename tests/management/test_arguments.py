"""What every command refuses before it does anything: bytes outside UTF-8, and `--` for a value."""

import pytest
from django.core.management import CommandError, call_command

from tests.messages.screens import filled, pattern, text

BYTES = "acme\udcff"


@pytest.mark.parametrize(
    ("command", "option"),
    [
        pytest.param(["cors_check"], "--tenant", id="check: a tenant"),
        pytest.param(
            ["cors_explain", "--host=a.example", "--path=/"], "--origin", id="explain: an origin"
        ),
        pytest.param(["cors_audit", "members"], "--tenant", id="audit: one tenant of several"),
        pytest.param(["cors_export"], "--tenant", id="export: one tenant of several"),
        pytest.param(["cors_export"], "--user", id="export: a user"),
        pytest.param(["cors_import", "policies.json"], "--reason", id="import: a reason"),
        pytest.param(["cors_import", "policies.json"], "--only-tenant", id="import: a tenant"),
        pytest.param(["cors_import", "--from=s3", "bucket.json"], "--into", id="import: into"),
        pytest.param(["cors_probe", "https://api.example"], "--origin", id="probe: an origin"),
        pytest.param(["cors_sync", "policies.json"], "--reason", id="sync: a reason"),
    ],
)
def test_bytes_that_are_no_text_are_refused(command: list[str], option: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command(*command, option, BYTES)

    instead = text("command-write-utf8")
    expected = {"name": option[2:], "value": "acme\\udcff", "instead": instead}
    assert str(caught.value) == filled("command-value-refused", **expected)
    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("command", "option"),
    [
        pytest.param(["cors_allow", "https://a.example", "--days=1"], "tenant", id="allow: tenant"),
        pytest.param(
            ["cors_allow", "https://a.example", "--tenant=acme", "--days=1"],
            "scope",
            id="allow: a scope",
        ),
        pytest.param(
            ["cors_allow", "https://a.example", "--tenant=acme"], "days", id="allow: days"
        ),
        pytest.param(["cors_revoke", "https://a.example"], "tenant", id="revoke: a tenant"),
        pytest.param(
            ["cors_explain", "--host=a.example", "--path=/"], "origin", id="explain: an origin"
        ),
        pytest.param(["cors_export"], "tenant", id="export: one tenant of several"),
        pytest.param(["cors_import", "policies.json"], "reason", id="import: a reason"),
        pytest.param(["cors_probe", "https://api.example"], "origin", id="probe: an origin"),
        pytest.param(
            ["cors_probe", "https://api.example", "--origin=https://a.example"],
            "header",
            id="probe: one header of several",
        ),
    ],
)
@pytest.mark.django_db
def test_two_dashes_are_not_a_value(command: list[str], option: str) -> None:
    # Python 3.13 hands `--` on, and no tenant, scope or origin is called that. Earlier ones make an
    # empty list of it.
    with pytest.raises((CommandError, SystemExit)):  # cors_explain exits: such an origin is refused
        call_command(*command, f"--{option}=--")


def test_an_empty_list_is_not_a_value() -> None:
    instead = text("command-write-a-value")
    said = pattern("command-value-refused", name="scope", value="--", instead=instead)
    with pytest.raises(CommandError, match=f"^{said}$") as caught:
        call_command("cors_allow", "https://a.example", tenant="acme", days=1, scope=[])

    assert caught.value.returncode == 2


def test_names_of_files_may_be_any_bytes() -> None:
    with pytest.raises(CommandError, match=pattern("command-unreadable")):
        call_command("cors_import", "\udcff.json")
