"""What is refused when a policy is stored, and what a row does that got in all the same."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from corsadmin.engine import Reason
from corsadmin.models import Origin, PathRule, Tenant
from tests.asserts import PREFLIGHT_VARY, assert_cors, assert_no_cors
from tests.conformance.case import get, options
from tests.conformance.recorder import REASON
from tests.conformance.site import APP
from tests.conformance.test_cases import MIDDLEWARE
from tests.conformance.wire import Ask, Seen, ask_asgi, ask_wsgi
from tests.factories import make_site

pytestmark = pytest.mark.django_db

ANY_WITH_CREDENTIALS = {"any_origin": True, "credentials": True}
EVIL = "https://evil.com"


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    with override_settings(
        ROOT_URLCONF="tests.conformance.urls_sync",
        ALLOWED_HOSTS=[".example.net"],
        MIDDLEWARE=MIDDLEWARE,
    ):
        yield


@pytest.fixture
def unguarded() -> Iterator[None]:
    """A database without its CHECK constraints, as after somebody's repair by hand."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


def codes(row: PathRule | Origin | Tenant) -> set[str]:
    """Return the codes of the problems for which full_clean() refuses a row."""
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    errors = [error for found in caught.value.error_dict.values() for error in found]
    return {str(error.code) for error in errors}


def write_raw(table: str, key: int, **columns: Any) -> None:
    """Write columns past every gate; JSON columns as they are."""
    names = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {names} WHERE id = %s", [*columns.values(), key])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param(
            ANY_WITH_CREDENTIALS, "any-origin-with-credentials", id="V07 any origin, credentials"
        ),
        pytest.param(
            {"credentials": True, "exposed_headers": ["*"]},
            "wildcard-with-credentials",
            id="P19 any exposed header with credentials",
        ),
        pytest.param({"methods": ["patch"]}, "method-lower-case", id="P08 patch in lower case"),
        pytest.param({"methods": ["TRACE"]}, "method-forbidden", id="P10 a forbidden method"),
        pytest.param({"methods": ["P UT"]}, "method-not-token", id="P11 no method at all"),
        pytest.param(
            {"exposed_headers": ["set-cookie"]}, "header-forbidden", id="P22 exposing a cookie"
        ),
        pytest.param({"max_age": 86_401}, "max-age-out-of-range", id="P23 more than a day"),
        pytest.param({"path": "/api/../"}, "path-dot-segment", id="V24 a path with dot segments"),
        pytest.param({"path": "^/api/.*$"}, "path-regex", id="V20 a regular expression as a path"),
        pytest.param({"path": "/api/{id}/"}, "path-brace", id="V20 a route's parameter as a path"),
        *(
            pytest.param({field: [name]}, code, id=f"V40 {field}: {name!r}")
            for field in ("request_headers", "exposed_headers")
            for name, code in (
                ("x-a\n", "header-white-space"),
                ("x-a\r\nset-cookie", "header-not-token"),
                ("x-a\rset-cookie", "header-not-token"),
                ("x-a: y", "header-colon"),
                ("x a", "header-not-token"),
                ("x-a,x-b", "header-not-token"),
                ("x-ä", "header-not-token"),
            )
        ),
    ],
)
def test_a_rule_is_refused_by_the_gate(fields: dict[str, Any], code: str) -> None:
    tenant = make_site(paths=[])

    assert code in codes(PathRule(tenant=tenant, **{"path": "/api/", **fields}))


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        pytest.param("https://example.com*", "origin-wildcard-position", id="V03 a trailing star"),
        pytest.param("http://localhost:80*", "origin-port-wildcard", id="V03 half a port"),
        pytest.param(
            "https://(a+)+\\.example\\.com", "origin-regex", id="V13 a regular expression"
        ),
        pytest.param("^https://.*\\.example\\.org$", "origin-regex", id="V04 an anchored one"),
        pytest.param("*", "origin-any", id="V06 a star"),
        pytest.param("null", "origin-null", id="P34 null"),
        pytest.param("https://app.example.com\n", "origin-white-space", id="V40 a new line"),
        pytest.param("", "blank", id="V09 nothing"),
    ],
)
def test_an_origin_is_refused_by_the_gate(pattern: str, code: str) -> None:
    tenant = make_site(paths=[])

    assert code in codes(Origin(tenant=tenant, pattern=pattern))


def save(row: PathRule) -> None:
    row.any_origin = row.credentials = True
    row.save()


def bulk_create(row: PathRule) -> None:
    tenant = make_site("rival", paths=[])
    PathRule.objects.bulk_create([PathRule(tenant=tenant, path="/api/", **ANY_WITH_CREDENTIALS)])


def update(row: PathRule) -> None:
    PathRule.objects.filter(pk=row.pk).update(**ANY_WITH_CREDENTIALS)


def load(row: PathRule) -> None:
    row.any_origin = row.credentials = True
    [loaded] = serializers.deserialize("json", serializers.serialize("json", [row]))
    loaded.save()


def raw_sql(row: PathRule) -> None:
    write_raw("corsadmin_pathrule", row.pk, **ANY_WITH_CREDENTIALS)


@pytest.mark.parametrize("write", [save, bulk_create, update, load, raw_sql])
def test_v07_any_origin_with_credentials_is_refused_by_the_database(
    write: Callable[[PathRule], None],
) -> None:
    row = make_site("t").paths.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        write(row)


def test_v07_a_row_that_got_in_denies(unguarded: None) -> None:
    rule = make_site("t", origins=[APP]).paths.get()

    write_raw("corsadmin_pathrule", rule.pk, **ANY_WITH_CREDENTIALS)

    for origin in (EVIL, "null", APP):
        for seen in both(get(origin=origin)):
            assert (seen.status, seen.headers[REASON.lower()]) == (200, Reason.POLICY_INVALID)
            assert_no_cors(seen.headers)
    for seen in both(options("POST", origin=EVIL)):
        assert (seen.status, seen.headers[REASON.lower()]) == (403, Reason.POLICY_INVALID)
        assert_no_cors(seen.headers, vary=PREFLIGHT_VARY)


@pytest.mark.slow
@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"exposed_headers": '["x-a\\nSet-Cookie: a=b"]'}, id="V40 a new line"),
        pytest.param({"exposed_headers": '["x-a\\rx"]'}, id="V40 a carriage return"),
        pytest.param({"exposed_headers": '["x-\\u00e4"]'}, id="V40 no ASCII"),
        pytest.param({"exposed_headers": '["x-\\u4e00"]'}, id="V40 no latin-1"),
        pytest.param({"request_headers": '["x-a, x-b: c"]'}, id="V40 a list in a name"),
        pytest.param({"methods": '["GET\\nPUT"]'}, id="V40 a new line in a method"),
        pytest.param({"methods": '"GET"'}, id="V41 a text for a list"),
        pytest.param({"methods": "null"}, id="V41 null for a list"),
        pytest.param({"methods": "17"}, id="V41 a number for a list"),
        pytest.param({"methods": '{"GET": 1}'}, id="V41 an object for a list"),
        pytest.param({"methods": '["GET", 17]'}, id="V41 a number in a list"),
        pytest.param({"exposed_headers": "[null]"}, id="V41 null in a list"),
        pytest.param({"request_headers": '[["x-a"]]'}, id="V41 a list in a list"),
        pytest.param({"max_age": -1}, id="P23 a negative max-age"),
        pytest.param({"path": "/api/\nx/"}, id="V41 a path with a new line"),
        pytest.param({"path": "/api/{x}/"}, id="V41 a path with reserved braces"),
    ],
)
def test_one_bad_rule_harms_nobody_else(unguarded: None, columns: dict[str, Any]) -> None:
    bad = make_site("bad", origins=[APP], paths=[{"path": "/api/"}, {"path": "/api/status/"}])
    make_site("t", origins=[APP], paths=[{"exposed_headers": ["x-a"]}])

    write_raw("corsadmin_pathrule", bad.paths.get(path="/api/").pk, **columns)

    for seen in both(get(host="bad.example.net")):
        assert seen.status == 200
        assert "access-control-allow-origin" not in seen.headers
    for seen in both(get("/api/status/200", host="bad.example.net")):
        assert_cors(seen.headers, origin=APP)
    for seen in both(get()):
        assert_cors(seen.headers, origin=APP, exposed="x-a")


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("https://*.example.org:*/", id="V41 a pattern with a path"),
        pytest.param("https://*", id="V41 a star as host"),
        pytest.param("https://app.example.com\thttps://evil.com", id="V41 two patterns and a tab"),
        pytest.param("https://*.example.org\t1\t\t\t", id="V41 a pattern with fields of its own"),
        pytest.param("^https://.*$", id="V41 a regular expression"),
        pytest.param("://", id="V41 a separator"),
    ],
)
def test_one_bad_origin_harms_nobody_else(unguarded: None, pattern: str) -> None:
    tenant = make_site("t", origins=["https://first.example", APP])

    write_raw("corsadmin_origin", tenant.origins.get(pattern="https://first.example").pk,
              pattern=pattern)  # fmt: skip

    for origin in (EVIL, "https://x.example.org", pattern):
        for seen in both(get(origin=origin)):
            assert seen.status == 200
            assert_no_cors(seen.headers)
    for seen in both(get()):
        assert_cors(seen.headers, origin=APP)


def test_v27_a_slug_is_never_taken_for_a_key() -> None:
    tenant = make_site("t", origins=[APP])
    make_site(str(tenant.pk), origins=["https://other.example"])
    resolver = {"TENANT_RESOLVER": "corsadmin.tenants.by_subdomain"}

    with override_settings(
        CORSADMIN={"REFRESH_SECONDS": 0, "TENANT_BASE_DOMAIN": "example.net", **resolver}
    ):
        [seen, _] = both(get(host=f"{tenant.pk}.example.net"))
        [own, _] = both(get(host="t.example.net"))

    assert_no_cors(seen.headers)
    assert_cors(own.headers, origin=APP)


def test_p22_safelisted_names_are_not_sent() -> None:
    make_site("t", origins=[APP], paths=[{"exposed_headers": ["Content-Type", "x-a"]}])

    for seen in both(get()):
        assert_cors(seen.headers, origin=APP, exposed="x-a")


def test_v09_a_fresh_install_allows_nobody() -> None:
    for seen in both(get()):
        assert seen.headers[REASON.lower()] == Reason.NO_TENANT
        assert_no_cors(seen.headers, vary=None)


def test_p24_reading_stops_with_the_next_request() -> None:
    tenant = make_site("t", origins=[APP], paths=[{"max_age": 86_400}])
    [before, _] = both(get())

    tenant.origins.all().delete()

    assert_cors(before.headers, origin=APP)
    for seen in both(get()):
        assert_no_cors(seen.headers)


def both(ask: Ask) -> tuple[Seen, Seen]:
    """Return the answers of the WSGI and of the ASGI stack."""
    return ask_wsgi(ask), ask_asgi(ask)
