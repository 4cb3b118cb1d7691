"""The presets of path rules: every name is valid and has a source, and the right one is suggested."""

from urllib.parse import urlsplit

import pytest

from corsadmin.engine.headers import SAFELISTED_RESPONSE_HEADERS
from corsadmin.engine.rules import RuleText, check_rule
from corsadmin.presets import PRESETS, Preset, suggested_presets

each_preset = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


@each_preset
def test_a_rule_with_the_names_of_a_preset_is_valid(preset: Preset) -> None:
    rule = RuleText(
        path="/api/",
        methods=preset.lists["methods"],
        request_headers=preset.lists["request_headers"],
        exposed_headers=preset.lists["exposed_headers"],
    )

    assert check_rule(rule) == ()


@each_preset
def test_every_name_has_a_page_and_is_in_the_form_that_is_stored(preset: Preset) -> None:
    for source in preset.sources:
        assert urlsplit(source).scheme == "https"
        assert urlsplit(source).path
    assert list(preset.methods) == [name.upper() for name in preset.methods]
    for names in (preset.request_headers, preset.exposed_headers):
        assert list(names) == [name.lower() for name in names]
    assert SAFELISTED_RESPONSE_HEADERS.isdisjoint(preset.exposed_headers)


# What refused names belong to: (refused, asked for besides, keys with the names of each).
SUGGESTED = {
    "JSON": ("content-type", "", ["json-api content-type"]),
    "a token": ("authorization", "", ["drf-token authorization"]),
    "JSON with a token": (
        "authorization content-type",
        "",
        ["drf-token authorization content-type"],
    ),
    "a session": ("content-type x-csrftoken", "", ["drf-session content-type x-csrftoken"]),
    "Sentry": ("baggage sentry-trace", "", ["sentry baggage sentry-trace"]),
    "trace context": ("traceparent", "", ["trace-context traceparent"]),
    "trace context with a state and baggage": (
        "baggage traceparent tracestate",
        "",
        ["trace-context baggage traceparent tracestate"],
    ),
    "baggage alone": ("baggage", "", ["sentry baggage"]),
    "baggage beside a trace context": ("baggage", "traceparent", ["trace-context baggage"]),
    "Datadog": (
        "traceparent x-datadog-origin x-datadog-trace-id",
        "",
        ["datadog traceparent x-datadog-origin x-datadog-trace-id"],
    ),
    "B3 in one header": ("b3", "", ["b3 b3"]),
    "B3 in several": ("x-b3-spanid x-b3-traceid", "", ["b3 x-b3-spanid x-b3-traceid"]),
    "MCP": (
        "authorization content-type mcp-protocol-version",
        "",
        ["mcp authorization content-type mcp-protocol-version"],
    ),
    "MCP of 2026": ("mcp-method mcp-name", "", ["mcp mcp-method mcp-name"]),
    "tus": ("tus-resumable upload-length", "", ["tus tus-resumable upload-length"]),
    "gRPC-Web": ("content-type x-grpc-web", "", ["grpc-web content-type x-grpc-web"]),
    "DPoP": ("authorization dpop", "", ["dpop authorization dpop"]),
    "two kinds at once": (
        "authorization sentry-trace baggage",
        "",
        ["sentry sentry-trace baggage", "drf-token authorization"],
    ),
    "a name that many clients send": ("last-event-id", "", []),
    "a name of nobody's": ("x-request-id", "", []),
    "a name of nobody's beside a known one": (
        "content-type x-request-id",
        "",
        ["json-api content-type"],
    ),
    "nothing": ("", "content-type", []),
}


@pytest.mark.parametrize(("refused", "besides", "expected"), SUGGESTED.values(), ids=SUGGESTED)
def test_the_preset_that_refused_names_belong_to(
    refused: str, besides: str, expected: list[str]
) -> None:
    names = refused.split()
    keys = {id(preset): key for key, preset in PRESETS.items()}

    found = suggested_presets(names, [*names, *besides.split()])

    assert [" ".join([keys[id(preset)], *held]) for preset, held in found] == expected
