"""What the preview of a new customer says is what its callers get after the save, for any input."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

import corsadmin
from corsadmin.admin.new_customer.planning import NO_RULE, TEMPLATES
from corsadmin.engine.headers import ACRH, ACRM
from corsadmin.middleware import CorsMiddleware
from corsadmin.models import Emergency, Origin, PathRule, Tenant
from tests.admin.conftest import log_in
from tests.admin.customers import look, save
from tests.admin.doors import undone
from tests.asserts import cors_headers
from tests.factories import UserFactory, make_site

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ADDRESSES = [
    "https://app.new.example",
    "https://App.new.example:443/x",
    "https://*.new.example",
    "https://pr-*.new.example",
    "http://localhost:*",
    "app://-",
    "http://plain.example",
    "neu.example",
    "nothing",
]
PATHS = ["/", "/api/", "/api", "/api/{$}", "/*/x", "/ü/", "/static/*/"]
HOSTS = [
    "new.example.net",
    "new.example.net",
    "https://neu.example.net/ acme.example.net",
    "unknown.invalid",
    "",
]
PLATFORM_RULES = [
    {"path": "/api/", "methods": ["GET"], "exclusive": True},
    {"path": "/", "any_origin": True, "request_headers": ["*"]},
    {"path": "/api/{$}", "methods": ["*"], "credentials": True, "request_headers": ["*"]},
]
flag = st.booleans()
inputs = st.fixed_dictionaries(
    {
        "hosts": st.sampled_from(HOSTS),
        "lines": st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=4).map("\n".join),
        "template": st.sampled_from([*TEMPLATES, *TEMPLATES, NO_RULE]),
        "path": st.sampled_from(PATHS),
        "days": st.sampled_from([None, None, None, -1, 30]),
    },
    optional={"credentials": st.just("on"), "risk_accepted": st.just("on")},
)
platforms = st.fixed_dictionaries(
    {
        "rules": st.lists(st.sampled_from(PLATFORM_RULES), max_size=2, unique_by=id),
        "origins": st.sampled_from([[], ["https://shared.example"], ["https://*.new.example"]]),
        "stop": st.sampled_from([None, None, None, "all", "credentials"]),
    }
)


def prepare(platform):
    """Give the platform what customers inherit."""
    row = Tenant.objects.platform()
    for fields in platform["rules"]:
        PathRule.objects.create(tenant=row, **fields)
    for pattern in platform["origins"]:
        Origin.objects.create(tenant=row, pattern=pattern)
    if platform["stop"]:
        Emergency.objects.create(tenant=row, level=platform["stop"], reason="x")


def answer(question, method, headers):
    """Return the status and the whole header set that the site answers; 200 is the view's."""
    middleware: Any = CorsMiddleware(lambda request: HttpResponse())
    given = {"Host": question.host, "Origin": question.origin, **headers}
    request = RequestFactory().generic(method, question.path, headers=given, secure=True)
    response = middleware(request)
    return response.status_code, cors_headers(response.headers)


def predicted(found):
    return found.status or 200, {name.lower(): value for name, value in found.headers.items()}


@settings(max_examples=15)
@given(inputs, platforms)
@override_settings(ALLOWED_HOSTS=[".example.net", "testserver"])
def test_the_preview_keeps_its_promise(typed, platform):
    end = typed["days"] and timezone.now() + timedelta(days=typed["days"])
    values = {**typed, "valid_until": end and f"{end:%Y-%m-%dT%H:%M}", "days": ""}
    with undone():
        make_site("acme")
        prepare(platform)
        superuser = log_in(UserFactory(is_superuser=True))
        shown = look(superuser, **{name: value or "" for name, value in values.items()})
        outlook = shown.context.get("outlook")
        if outlook is None:  # pragma: no cover (chance)
            assert shown.context["form"].errors
            return
        saved = save(superuser, shown)
        assert saved.status_code == 302, saved.context["refused"]
        if outlook.example is None:
            return
        corsadmin.refresh()
        asked, question = outlook.example.case.asked, outlook.example.case.question
        if outlook.example.preflight is not None:  # pragma: no branch (chance)
            headers = {ACRM: asked.method}
            if asked.unsafe:  # pragma: no branch (chance)
                headers[ACRH] = ",".join(asked.unsafe)
            assert answer(question, "OPTIONS", headers) == predicted(outlook.example.preflight)
        sent = answer(question, question.method, question.headers)
        assert sent == predicted(outlook.example.actual)
