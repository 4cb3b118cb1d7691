"""What a row may hold: the gate, the database's own constraints, natural keys and history."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from corsadmin.engine.problems import Problem
from corsadmin.models import Generation, Move, Origin, PathRule, Tenant, TenantHost, TenantMember
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def acme():
    return TenantFactory(slug="acme")


def codes(error):
    return {field: [one.code for one in found] for field, found in error.error_dict.items()}


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(
            lambda acme: Tenant(slug="Acme Inc"),
            {"slug": ["slug-invalid"]},
            id="a slug that is none",
        ),
        pytest.param(lambda acme: Tenant(slug="acme"), {"slug": ["unique"]}, id="a slug taken"),
        pytest.param(
            lambda acme: TenantHost(tenant=acme, host="API.example.com"),
            {"host": ["host-upper-case"]},
            id="a host in upper case",
        ),
        pytest.param(
            lambda acme: PathRule(tenant=acme, path="api", max_age=86_401, methods=["put"]),
            {
                "path": ["path-leading-slash-missing"],
                "methods": ["method-lower-case"],
                "max_age": ["max-age-out-of-range"],
            },
            id="every problem of a rule at its field",
        ),
        pytest.param(
            lambda acme: PathRule(tenant=acme, path="/", methods="GET", exposed_headers=[1]),
            {"methods": ["value-not-a-list"], "exposed_headers": ["value-not-a-list"]},
            id="no lists of text",
        ),
        pytest.param(
            lambda acme: PathRule(tenant=acme, path="/", any_origin=True, credentials=True),
            {"any_origin": ["any-origin-with-credentials"]},
            id="V07 any origin with credentials",
        ),
        pytest.param(
            lambda acme: Origin(tenant=acme, pattern="https://app.example.com:443"),
            {"pattern": ["origin-default-port"]},
            id="a default port",
        ),
        pytest.param(
            lambda acme: Origin(
                tenant=acme, pattern="https://a.example", valid_from=NOW, valid_until=NOW
            ),
            {"valid_until": ["window-order"]},
            id="an empty window",
        ),
        pytest.param(
            lambda acme: Origin(tenant=acme, pattern="http://a.example", credentials=True),
            {"pattern": ["risk-plain-http"]},
            id="a risk nobody accepted",
        ),
    ],
)
def test_the_gate_refuses(make, expected, acme):
    with pytest.raises(ValidationError) as caught:
        make(acme).full_clean()

    found = codes(caught.value)
    found.pop("__all__", None)  # what the database's constraint says once more
    assert found == expected


@pytest.mark.parametrize(
    ("model", "fields", "expected"),
    [
        pytest.param(Tenant, {"slug": None}, {"slug": ["null", "slug-empty"]}, id="no slug"),
        pytest.param(
            TenantHost, {}, {"tenant": ["null"], "host": ["blank", "host-empty"]}, id="empty host"
        ),
        pytest.param(
            TenantHost,
            {"host": None},
            {"tenant": ["null"], "host": ["null", "host-empty"]},
            id="no host",
        ),
        pytest.param(
            PathRule,
            {"path": None, "max_age": "soon"},
            {
                "tenant": ["null"],
                "path": ["null", "path-empty"],
                "max_age": ["invalid", "max-age-out-of-range"],
            },
            id="a rule of wrong types",
        ),
        pytest.param(
            Origin,
            {"pattern": None, "scope": None, "valid_from": "soon"},
            {"tenant": ["null"], "pattern": ["null", "origin-empty"], "valid_from": ["invalid"]},
            id="an origin of wrong types",
        ),
        pytest.param(
            Origin,
            {},
            {"tenant": ["null"], "pattern": ["blank", "origin-empty"]},
            id="an empty origin",
        ),
    ],
)
def test_a_half_filled_row_is_refused_like_any_other(model, fields, expected):
    with pytest.raises(ValidationError) as caught:
        model(**fields).full_clean()

    found = codes(caught.value)
    found.pop("__all__", None)
    assert found == expected


def test_an_error_of_the_gate_carries_the_problem_and_its_suggestion(acme):
    with pytest.raises(ValidationError) as caught:
        Origin(tenant=acme, pattern="https://app.example.com/").full_clean()

    (error,) = caught.value.error_dict["pattern"]
    assert (error.params or {})["problem"] == Problem(
        "pattern", "origin-trailing-slash", "https://app.example.com/", "https://app.example.com"
    )
    assert "https://app.example.com" in error.messages[0]


def test_sound_rows_pass_the_gate(acme):
    rows = [
        Tenant(slug="other"),
        TenantHost(tenant=acme, host="api.example.com"),
        PathRule(tenant=acme, path="/api/", any_origin=True, max_age=0),
        Origin(
            tenant=acme,
            pattern="https://*.example.org",
            scope="/api/*/",
            valid_from=NOW,
            valid_until=NOW + timedelta(days=1),
        ),
    ]

    for row in rows:
        row.full_clean()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(
            lambda acme: PathRule(tenant=acme, path="/", any_origin=True, credentials=True),
            id="V07 any origin with credentials",
        ),
        pytest.param(lambda acme: PathRule(tenant=acme, path="/", max_age=86_401), id="max age"),
        pytest.param(lambda acme: PathRule(tenant=acme, path="api/"), id="relative path"),
        pytest.param(lambda acme: PathRule(tenant=acme, path="/taken/"), id="path twice"),
        pytest.param(
            lambda acme: Origin(
                tenant=acme, pattern="https://a.example", valid_from=NOW, valid_until=NOW
            ),
            id="empty window",
        ),
        pytest.param(lambda acme: Origin(tenant=acme, pattern=""), id="R14 empty origin"),
        pytest.param(lambda acme: Origin(tenant=acme, pattern="*"), id="R14 star"),
        pytest.param(lambda acme: Origin(tenant=acme, pattern="https://a\n"), id="R14 newline"),
        pytest.param(lambda acme: Origin(tenant=acme, pattern="https://taken"), id="origin twice"),
        pytest.param(lambda acme: TenantHost(tenant=acme, host="taken.example"), id="host twice"),
        pytest.param(lambda acme: Tenant(slug="acme"), id="slug twice"),
    ],
)
def test_the_database_refuses_what_passed_the_gate_by(make, acme):
    PathRuleFactory(tenant=acme, path="/taken/")
    OriginFactory(tenant=acme, pattern="https://taken")
    TenantHostFactory(host="taken.example")

    with pytest.raises(IntegrityError), transaction.atomic():
        make(acme).save()


def test_one_origin_may_have_several_scopes(acme):
    for scope in ("", "/a/", "/b/"):
        OriginFactory(tenant=acme, pattern="https://a.example", scope=scope)

    assert acme.origins.count() == 3


def test_the_platform_is_there_and_cannot_be_deleted():
    platform = Tenant.objects.get(slug="platform")

    assert platform.is_platform
    with pytest.raises(models.ProtectedError):
        platform.delete()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(TenantFactory, id="tenant"),
        pytest.param(TenantHostFactory, id="host"),
        pytest.param(PathRuleFactory, id="path rule"),
        pytest.param(lambda: OriginFactory(scope="/api/"), id="origin"),
    ],
)
def test_natural_keys_find_the_row_again(make):
    row = make()

    assert type(row).objects.get_by_natural_key(*row.natural_key()) == row


def test_rows_say_what_they_are():
    tenant = TenantFactory(slug="acme")
    member = TenantMemberFactory(tenant=tenant, user=UserFactory(username="eve"), role="editor")

    assert str(tenant) == "acme"
    assert str(TenantHostFactory(tenant=tenant)) == "acme.example.net"
    assert str(PathRuleFactory(tenant=tenant)) == "/api/"
    assert str(OriginFactory(tenant=tenant, pattern="https://a.example")) == "https://a.example"
    assert str(OriginFactory(pattern="https://a.example", scope="/x/")) == "https://a.example (/x/)"
    assert str(member) == "eve (editor)"
    assert str(Generation(value=7)) == "7"
    assert str(Move(generation=8)) == "8"


def test_history_keeps_every_state_with_the_reason():
    row = OriginFactory(pattern="https://a.example")
    row._change_reason = "OPS-12"
    row.note = "changed"
    row.save()
    row.delete()

    kept = Origin.history.filter(id=row.history.model.objects.first().id).order_by("history_id")

    assert [state.history_type for state in kept] == ["+", "~", "-"]
    assert [state.history_change_reason for state in kept] == [None, "OPS-12", "OPS-12"]


def test_the_class_that_reads_versions_is_built_once():
    assert type(OriginFactory().history) is type(Origin.history) is type(Tenant.history)


def test_history_outlives_the_person_who_made_it():
    user = UserFactory()
    row = OriginFactory()
    row._history_user = user
    row.save()

    user.delete()

    assert row.history.count() == 2
    assert row.history.first().history_user is None


@pytest.mark.parametrize("model", [Tenant, TenantHost, PathRule, Origin])
def test_a_sites_setting_for_histories_adds_no_index_to_this_app(model):
    indexed = [field.name for field in model.history.model._meta.fields if field.db_index]

    assert "history_date" not in indexed
    assert "id" in indexed


def test_the_stamp_is_no_part_of_the_history():
    assert "generation" not in {field.name for field in Tenant.history.model._meta.fields}


def test_times_are_kept(acme):
    assert isinstance(acme.created, datetime)
    assert acme.modified >= acme.created


def test_members_have_a_role_in_a_tenant(acme):
    member = TenantMemberFactory(tenant=acme)

    assert member.role == TenantMember.Role.VIEWER
    assert list(acme.members.all()) == [member]
    with pytest.raises(IntegrityError), transaction.atomic():
        TenantMemberFactory(tenant=acme, user=member.user)
