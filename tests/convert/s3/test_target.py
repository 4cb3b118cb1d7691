"""A bucket with the exported rules answers as the middleware does."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from corsadmin.models import Origin
from tests.convert.policies import exported
from tests.convert.verdicts import HOST, differences, s3
from tests.factories import OriginFactory, PathRuleFactory, TenantFactory, TenantHostFactory
from tests.messages.screens import filled, pattern, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return TenantHostFactory(tenant=TenantFactory(slug="acme"), host=HOST).tenant


def add(site, **origin):
    return OriginFactory(tenant=site, **{"credentials": True, "risk_accepted": True, **origin})


def rendered(*arguments):
    """Return the rules and what was said."""
    written, told = exported("acme", "s3", *arguments)
    return json.loads(written)["CORSRules"], told


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
def test_listed_origins_are_answered_alike(site):
    rule = {"credentials": True, "methods": ["GET", "PUT"], "request_headers": ["x-other"]}
    PathRuleFactory(tenant=site, path="/", exposed_headers=["ETag"], max_age=60, **rule)
    for origin in ("https://app.example.com", "https://*.example.org", "http://localhost:*"):
        add(site, pattern=origin)
    add(site, pattern="https://off.example.com", enabled=False)

    rules, told = rendered()

    assert told == []
    assert rules == [
        {
            "AllowedOrigins": [
                "http://localhost:*",
                "http://localhost",
                "https://*.example.org",
                "https://app.example.com",
            ],
            "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
            "AllowedHeaders": ["x-other"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 60,
        }
    ]
    assert differences(s3(rules)) == []


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
def test_any_origin_is_answered_alike(site):
    headers = ["*", "authorization"]
    PathRuleFactory(tenant=site, path="/", any_origin=True, request_headers=headers)

    rules, told = rendered()

    assert (told, rules[0]["AllowedOrigins"]) == ([], ["*"])
    assert differences(s3(rules)) == []


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
def test_what_a_listed_origin_asks_for_is_answered_alike(site):
    PathRuleFactory(tenant=site, path="/", credentials=True, request_headers=["*"])
    add(site, pattern="https://app.example.com")

    rules, told = rendered()

    assert (told, rules[0]["AllowedHeaders"]) == ([], ["*"])
    assert differences(s3(rules)) == []


def test_what_s3_cannot_express_is_told(site):
    rule = {"credentials": True, "methods": ["PATCH"], "refuse_unlisted": True}
    PathRuleFactory(tenant=site, path="/api/", **rule)
    PathRuleFactory(tenant=site, path="/b/")
    PathRuleFactory(tenant=site, path="/off/", enabled=False)
    add(site, pattern="https://a.example", scope="/api/")
    add(site, pattern="https://b.example", valid_from=datetime(2027, 1, 31, tzinfo=UTC))
    add(site, pattern="https://c.example", credentials=False)
    add(site, pattern="https://*.d.example:*")
    add(site, pattern="https://pr-*.d.example")
    add(site, pattern="moz-extension://*")
    add(site, pattern="app://*:80")

    rules, told = rendered()

    assert rules == []
    assert [line.split(": ")[1] for line in told] == [
        "path /api/",
        "path /b/",
        "method PATCH",
        "refuse_unlisted",
        "origin app://*:80",
        "origin https://*.d.example:*",
        "origin https://a.example",
        "origin https://b.example",
        "origin https://c.example",
        "origin https://pr-*.d.example",
        "origin moz-extension://*",
    ]


def test_a_star_without_authorization_is_told(site):
    PathRuleFactory(tenant=site, path="/", any_origin=True, request_headers=["*"])

    rules, told = rendered()

    star = text("convert-s3-star-authorization")
    assert rules[0]["AllowedHeaders"] == []
    assert told == [filled("convert-not-expressed", remark=f"header *: {star}")]


def test_a_tenant_without_rules_has_none(site):
    assert rendered() == ([], [])
    assert not Origin.objects.exists()


def test_one_tenant_must_be_named():
    with pytest.raises(CommandError, match=pattern("convert-name-the-tenant", format="s3")):
        call_command("cors_export", "--format", "s3")
