"""What is planned for a new customer, without a database."""

import pytest

from corsadmin.admin.new_customer.hosts import in_hosts_field, read_hosts
from corsadmin.admin.new_customer.planning import (
    NO_RULE,
    TEMPLATES,
    CustomerPlan,
    proposed_slug,
    rule_from,
    sample_of,
)
from corsadmin.admin.new_customer.words import plan_sentences
from corsadmin.engine.origins import parse_origin, parse_pattern
from corsadmin.models import Origin, Tenant, TenantHost
from tests.messages.screens import assert_says, filled


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        pytest.param("Acme Inc.", "acme-inc", id="words"),
        pytest.param("  Müller & Söhne_GmbH ", "muller-sohne-gmbh", id="letters with marks"),
        pytest.param("株式会社", "", id="no letter for one"),
        pytest.param("-- --", "", id="hyphens alone"),
        pytest.param("a" * 62 + " bc", "a" * 62, id="cut at a hyphen"),
        pytest.param("Platform", "platform", id="the platform's, which the form refuses"),
    ],
)
def test_a_name_proposes_a_slug(name, slug):
    assert proposed_slug(name) == slug


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        pytest.param("api.acme.example", ["api.acme.example"], id="a name"),
        pytest.param("https://API.acme.example/v1", ["api.acme.example"], id="a URL"),
        pytest.param("api.acme.example:8443", ["api.acme.example"], id="a port"),
        pytest.param("api.bücher.example", ["api.xn--bcher-kva.example"], id="an IDN"),
        pytest.param(
            "- a.example.net\n- b.example.net", ["a.example.net", "b.example.net"], id="a list"
        ),
        pytest.param(
            "acme.localhost, localhost:8000; 127.0.0.1",
            ["acme.localhost", "localhost", "127.0.0.1"],
            id="local names",
        ),
        pytest.param("intranet", ["intranet"], id="one word alone"),
        pytest.param("it will follow", [], id="prose"),
        pytest.param("*.acme.example", [""], id="a wildcard, which no host can be"),
    ],
)
def test_a_field_of_hosts_is_read(text, hosts):
    finds = list(in_hosts_field(read_hosts(text)))

    assert [find.host for find in finds] == hosts
    assert {(find.line, find.kind, find.origin) for find in finds} <= {(0, "host", "")}
    assert [text[find.column - 1 :].startswith(find.text) for find in finds] == [True] * len(hosts)


@pytest.mark.parametrize(
    "pattern",
    [
        "https://app.example.com",
        "https://*.example.com",
        "https://pr-*.acme.dev",
        "https://*--site.netlify.app:*",
        "http://localhost:*",
        "app://*",
    ],
)
def test_a_pattern_has_a_sample_that_a_browser_may_send(pattern):
    sample = sample_of(pattern)

    assert parse_origin(sample) is not None
    parse_pattern(sample)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_a_sound_rule(template):
    rule = rule_from(template, "/api/", credentials=True)

    rule.clean()
    assert template != NO_RULE
    assert all(
        rule_list for rule_list in (rule.methods, rule.request_headers, rule.exposed_headers)
    )


def plan(hosts=(), origins=(), rule=None):
    return CustomerPlan(
        Tenant(slug="new"),
        [TenantHost(host=host) for host in hosts],
        [Origin(pattern=pattern) for pattern in origins],
        rule,
    )


def test_many_names_are_said_in_short():
    said = plan_sentences(plan(hosts=[f"h{number}.example" for number in range(7)]))

    named = ", ".join(f"h{number}.example" for number in range(5))
    hosts = filled("customer-named-more", names=named, count=2)
    assert said[0] == filled("customer-hosts", hosts=hosts)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("/api/", filled("customer-and-below", path="/api/"), id="a prefix"),
        pytest.param("/api", "/api", id="exact"),
        pytest.param("/api/{$}", filled("customer-only-path", path="/api/"), id="only this path"),
    ],
)
def test_a_path_is_said_in_words(path, said):
    rule = rule_from("grpc-web", path, credentials=False)

    assert_says(plan_sentences(plan(rule=rule))[2], "customer-methods", path=said)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/api/", "/api/", id="a prefix"),
        pytest.param("/*/ü/{$}", "/app/%C3%BC/", id="a star, and letters outside ASCII"),
    ],
)
def test_the_example_is_a_call_of_the_rule(path, expected):
    rule = rule_from("drf-session", path, credentials=True)
    held = plan(["new.example"], ["https://*.a.example", "https://b.example"], rule)
    question = held.example(held.held().rules, [])

    assert question is not None
    assert (question.method, question.path, question.origin) == (
        "POST",
        expected,
        "https://b.example",
    )
    assert [*question.headers] == ["content-type", "x-csrftoken"]


@pytest.mark.parametrize(
    ("hosts", "origins", "has_rule"),
    [
        pytest.param([], ["https://a.example"], True, id="no host"),
        pytest.param(["a.example"], [], True, id="no origin"),
        pytest.param(["a.example"], ["https://a.example"], False, id="no rule"),
    ],
)
def test_without_one_of_the_three_there_is_no_example(hosts, origins, has_rule):
    rule = rule_from("json-api", "/", credentials=False) if has_rule else None
    held = plan(hosts, origins, rule)

    assert held.example(held.held().rules, []) is None
