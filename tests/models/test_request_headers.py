"""Names of request headers are taken in any case, and stored in lower case by every door."""

import json
from collections.abc import Callable

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, JSONField, Value

from corsadmin.engine.problems import Problem
from corsadmin.models import PathRule
from tests.factories import PathRuleFactory, TenantFactory

pytestmark = pytest.mark.django_db

WRITTEN = ["Content-Type", "X-A", "x-a", "X-a"]
STORED = ["content-type", "x-a"]


def saved(rule: PathRule) -> None:
    rule.request_headers = WRITTEN
    rule.save()

    assert rule.request_headers == STORED


def updated_in_bulk(rule: PathRule) -> None:
    rule.request_headers = WRITTEN
    PathRule.objects.bulk_update([rule], ["request_headers"])


def created_in_bulk(rule: PathRule) -> None:
    tenant = rule.tenant
    rule.delete()
    PathRule.objects.bulk_create([PathRule(tenant=tenant, path="/", request_headers=WRITTEN)])


def loaded(rule: PathRule) -> None:
    (row,) = json.loads(serializers.serialize("json", [rule]))
    row["fields"]["request_headers"] = WRITTEN
    for found in serializers.deserialize("json", json.dumps([row])):
        found.save()


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(saved, id="save"),
        pytest.param(
            lambda rule: PathRule.objects.filter(pk=rule.pk).update(request_headers=WRITTEN),
            id="update",
        ),
        pytest.param(
            lambda rule: PathRule.objects.update(
                request_headers=Value(WRITTEN, PathRule._meta.get_field("request_headers"))
            ),
            id="update with a Value",
        ),
        pytest.param(
            lambda rule: PathRule.objects.update_or_create(
                {"request_headers": WRITTEN}, path=rule.path
            ),
            id="update_or_create",
        ),
        pytest.param(updated_in_bulk, id="bulk_update"),
        pytest.param(created_in_bulk, id="bulk_create"),
        pytest.param(loaded, id="a fixture"),
    ],
)
def test_a_door_stores_each_name_once_in_lower_case(write: Callable[[PathRule], object]) -> None:
    write(PathRuleFactory(path="/", request_headers=[]))

    with connection.cursor() as cursor:
        cursor.execute("SELECT request_headers FROM corsadmin_pathrule")
        assert json.loads(cursor.fetchone()[0]) == STORED
    assert PathRule.objects.filter(request_headers=WRITTEN).exists()


def test_a_migration_writes_a_field_of_json() -> None:
    name, path, args, kwargs = PathRule._meta.get_field("request_headers").deconstruct()

    assert (name, path, args) == ("request_headers", "django.db.models.JSONField", [])
    assert set(kwargs) == {"blank", "default", "verbose_name"}


def test_the_history_holds_what_is_stored() -> None:
    rule = PathRuleFactory(request_headers=WRITTEN)

    assert rule.history.get().request_headers == STORED


def test_an_expression_is_written_as_it_is() -> None:
    rule = PathRuleFactory(methods=["GET"])

    PathRule.objects.update(request_headers=F("methods"))
    rule.request_headers = Value(["X-Raw"], JSONField())
    rule.save()

    rule.refresh_from_db()
    assert rule.request_headers == ["X-Raw"]


def test_the_gate_lowers_the_names_that_it_has_let_through() -> None:
    rule = PathRule(tenant=TenantFactory(), path="/", request_headers=WRITTEN)

    rule.full_clean()

    assert rule.request_headers == STORED


def test_the_gate_quotes_a_name_as_it_was_typed() -> None:
    rule = PathRule(tenant=TenantFactory(), path="/", request_headers=["X-A", "Cookie", "X-B:"])

    with pytest.raises(ValidationError) as caught:
        rule.full_clean()

    found = caught.value.error_dict["request_headers"]
    problems = [(one.params or {})["problem"] for one in found]
    assert problems == [
        Problem("request_headers", "header-forbidden", "Cookie"),
        Problem("request_headers", "header-colon", "X-B:", "x-b"),
    ]
    assert rule.request_headers == ["X-A", "Cookie", "X-B:"]
