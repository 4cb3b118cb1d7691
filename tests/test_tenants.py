"""Which tenant a request belongs to, for each resolver that is shipped and for one's own."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from corsadmin import tenants
from corsadmin.tenants import (
    HostCheck,
    as_resolver,
    by_header,
    by_host,
    by_path,
    by_subdomain,
    resolver,
    single,
)
from tests.engine.policies import record, snapshot


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.ALLOWED_HOSTS = [".example.net", "[::1]"]
    settings.CORSADMIN = {"TENANT_BASE_DOMAIN": "api.example.net", "TENANT_PATH_PREFIX": "/t/"}


@pytest.fixture
def held():
    return snapshot(
        record("platform", hosts=[]),
        record("acme", hosts=["acme.example.net", "evil.example", "::1"]),
        record("rival"),
    )


def slug(policy):
    return policy.slug if policy else None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("acme.example.net", "acme", id="its host"),
        pytest.param("ACME.Example.net", "acme", id="R41 upper case"),
        pytest.param("acme.example.net.", "acme", id="R41 trailing dot"),
        pytest.param("acme.example.net:443", "acme", id="R41 port"),
        pytest.param("acme.example.net:99999", "acme", id="R40 a port Django lets pass"),
        pytest.param("rival.example.net", "rival", id="the other tenant's host"),
        pytest.param("nobody.example.net", None, id="R42 unknown"),
        pytest.param("evil.example", None, id="V60 known, but not in ALLOWED_HOSTS"),
        pytest.param("acme.example.net:x", None, id="R40 no port"),
        pytest.param("acme.example.net:", None, id="R40 empty port"),
        pytest.param("acme.example.net:\u0663", None, id="R40 foreign digits"),
        pytest.param("acme.example.net@evil", None, id="R40 user information"),
        pytest.param("acme.example.net:80@evil", None, id="R40 user information with a port"),
        pytest.param("[::1", None, id="R40 half a bracket"),
        pytest.param("a" * 8000, None, id="R40 8 kB"),
        pytest.param("\xff", None, id="R40 a byte"),
        pytest.param("", None, id="R40 empty"),
    ],
)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_by_host(host, expected, warm, held):
    factory = RequestFactory()
    if warm:
        by_host(factory.get("/", headers={"host": "acme.example.net"}), held)

    assert slug(by_host(factory.get("/", headers={"host": host}), held)) == expected


@pytest.mark.parametrize("host", ["", "a b", "evil.example", "acme.example.net:x"])
def test_a_blank_host_that_was_stored_owns_no_refused_host(host):
    held = snapshot(record("acme", hosts=["", "acme.example.net"]))

    assert by_host(RequestFactory().get("/", headers={"host": host}), held) is None


def test_by_host_without_a_host_header_goes_by_the_servers_name(held):
    request = RequestFactory().get("/", SERVER_NAME="acme.example.net")

    assert slug(by_host(request, held)) == "acme"


def test_a_forwarded_host_counts_only_where_django_trusts_it(held, settings):
    headers = {"host": "acme.example.net", "x-forwarded-host": "rival.example.net"}
    request = RequestFactory().get("/", headers=headers)

    assert slug(by_host(request, held)) == "acme"
    settings.USE_X_FORWARDED_HOST = True
    assert slug(by_host(request, held)) == "rival"
    settings.USE_X_FORWARDED_HOST = False
    assert slug(by_host(request, held)) == "acme"


def test_a_changed_setting_is_obeyed_at_once(held, settings):
    request = RequestFactory().get("/", headers={"host": "acme.example.net"})
    assert slug(by_host(request, held)) == "acme"

    settings.ALLOWED_HOSTS = ["other.example"]

    assert by_host(request, held) is None


@pytest.mark.parametrize("forwarded", [False, True], ids=["plain", "USE_X_FORWARDED_HOST"])
@pytest.mark.parametrize(
    "patterns",
    [
        pytest.param(["*"], id="everything"),
        pytest.param([".example.net"], id="a wildcard"),
        pytest.param([".EXAMPLE.net", "other.example"], id="upper case, and one host"),
        pytest.param(["acme.example.net", ".example"], id="one host, and a short wildcard"),
        pytest.param(["."], id="a dot"),
        pytest.param(["", "[::1]"], id="nothing much"),
        pytest.param([], id="nothing"),
    ],
)
def test_a_host_is_below_a_wildcard_only_where_django_accepts_it(patterns, forwarded, settings):
    settings.ALLOWED_HOSTS = patterns
    settings.USE_X_FORWARDED_HOST = forwarded
    hosts = [
        "acme.example.net", "example.net", ".example.net", "xexample.net", "a_b.example.net",
        "ACME.example.net", "acme.example.net.", "acme.example.net:443", "other.example",
        "acme.example.net:x", "[::1]", "[::1].example.net", "\xfc.example.net", " .example.net",
        "a b.example.net", "", ".", "..", "-", "a/.example.net", "@.example.net",
    ]  # fmt: skip
    check = HostCheck()

    below = {host for host in hosts if check.is_below(host)}

    requests = {host: RequestFactory().get("/", headers={"host": host}) for host in below}
    assert {host for host in below if check.accept(requests[host]) != host} == set()
    assert ("acme.example.net" in below) == (
        not forwarded and bool({"*", ".example.net", ".EXAMPLE.net"} & {*patterns})
    )


@pytest.mark.parametrize("wildcard", [True, False], ids=["below a wildcard", "each host listed"])
def test_the_memory_of_accepted_hosts_is_bounded(wildcard, monkeypatch, settings):
    monkeypatch.setattr(HostCheck, "MAX_ACCEPTED", 3)
    monkeypatch.setattr(HostCheck, "MAX_BELOW", 3)
    if not wildcard:
        settings.ALLOWED_HOSTS = [f"h{number}.example.net" for number in range(10)]
    check = HostCheck()

    for number in range(10):
        request = RequestFactory().get("/", headers={"host": f"h{number}.example.net"})
        assert check.accept(request) == f"h{number}.example.net"

    assert (len(check.below) > 0, len(check.accepted) > 0) == (wildcard, not wildcard)
    assert len(check.below | check.accepted) <= 3


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("acme.api.example.net", "acme", id="slug before the base domain"),
        pytest.param("ACME.api.example.net:8000", "acme", id="upper case and port"),
        pytest.param("x.acme.api.example.net", None, id="two labels"),
        pytest.param("api.example.net", None, id="the base domain alone"),
        pytest.param("acme.example.net", None, id="another domain"),
        pytest.param("acme", None, id="no domain"),
    ],
)
def test_by_subdomain(host, expected, held):
    request = RequestFactory().get("/", headers={"host": host})

    assert slug(by_subdomain(request, held)) == expected


def test_by_subdomain_without_a_base_domain_finds_nobody(held, settings):
    settings.CORSADMIN = {}

    request = RequestFactory().get("/", headers={"host": "acme.example.net"})

    assert by_subdomain(request, held) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/t/acme/orders", "acme", id="below the prefix"),
        pytest.param("/t/acme/", "acme", id="its root"),
        pytest.param("/t/acme", None, id="no slash yet"),
        pytest.param("/t//x", None, id="empty slug"),
        pytest.param("/x/acme/", None, id="another prefix"),
    ],
)
def test_by_path(path, expected, held):
    request = RequestFactory().get(path, headers={"host": "any.example.net"})

    assert slug(by_path(request, held)) == expected


def test_by_path_wants_an_accepted_host(held):
    request = RequestFactory().get("/t/acme/", headers={"host": "evil.example"})

    assert by_path(request, held) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"x-tenant": "acme"}, "acme", id="a slug"),
        pytest.param({"x-tenant": "acme,rival"}, None, id="two lines joined"),
        pytest.param({"x-tenant": ""}, None, id="empty"),
        pytest.param({}, None, id="absent"),
        pytest.param({"x-tenant": "acme", "host": "evil.example"}, None, id="a refused host"),
    ],
)
def test_by_header(headers, expected, held):
    request = RequestFactory().get("/", headers={"host": "any.example.net", **headers})

    assert slug(by_header(request, held)) == expected


def test_single_is_the_platform_wherever_django_answers(held):
    factory = RequestFactory()

    assert slug(single(factory.get("/", headers={"host": "any.example.net"}), held)) == "platform"
    assert single(factory.get("/", headers={"host": "evil.example"}), held) is None


def test_v28_nothing_a_preflight_lacks_chooses_the_tenant(held):
    request = RequestFactory().get(
        "/?tenant=rival",
        headers={"host": "acme.example.net", "authorization": "Bearer x", "x-tenant": "rival"},
    )
    request.COOKIES["tenant"] = "rival"

    assert slug(by_host(request, held)) == "acme"


def own_resolver(request, held):
    return held.policy("acme")


NOT_CALLABLE = "text"


def test_a_callable_of_ones_own_is_taken(settings, held):
    settings.CORSADMIN = {"TENANT_RESOLVER": "tests.test_tenants.own_resolver"}

    found = resolver()(RequestFactory().get("/"), held)

    assert slug(found) == "acme"


@pytest.mark.parametrize(
    "name", ["nowhere.at_all", "tests.test_tenants.nothing", "tests.test_tenants.NOT_CALLABLE", "x"]
)
def test_a_resolver_that_cannot_be_had_stops_the_start(name, settings):
    settings.CORSADMIN = {"TENANT_RESOLVER": name}

    with pytest.raises(ImproperlyConfigured, match="TENANT_RESOLVER"):
        resolver()


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        pytest.param(None, (), id="none"),
        pytest.param(("X-Region",), ("X-Region",), id="a tuple"),
        pytest.param(
            lambda: ("X-Region",), ("X-Region",), id="a callable, as earlier versions had"
        ),
        pytest.param(lambda: ["X-Region"], ("X-Region",), id="a callable that returns a list"),
    ],
)
def test_a_resolver_of_ones_own_may_name_the_headers_it_reads(vary, expected, held):
    def find(request, policies):
        return policies.policy("rival")

    if vary is not None:
        find.vary = vary  # type: ignore[attr-defined]

    found = as_resolver(find)

    assert found.vary == expected
    assert slug(found(RequestFactory().get("/"), held)) == "rival"


def test_by_header_varies_on_the_header_that_the_settings_name(settings):
    settings.CORSADMIN = {"TENANT_HEADER": "X-Customer"}

    assert by_header.vary == ("X-Customer",)
    assert by_host.vary == by_path.vary == by_subdomain.vary == single.vary == ()


def test_the_default_is_by_host(settings):
    settings.CORSADMIN = {}

    assert resolver() is tenants.by_host
