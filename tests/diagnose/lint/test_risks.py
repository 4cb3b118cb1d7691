"""Risks: graded, each with a sentence, and listed where somebody should look."""

from typing import Any

import pytest
from django.utils import translation

from corsadmin.diagnose.lint.risks import RISKS, Risk, Severity, risks_of
from corsadmin.models import Origin, PathRule, Tenant
from tests.asserts import assert_hold
from tests.diagnose.lint.findings import CREDENTIALS, codes, findings
from tests.factories import make_site

pytestmark = pytest.mark.django_db

NOTE, WARNING, DANGER = Severity


@pytest.mark.parametrize(
    ("pattern", "without", "with_credentials"),
    [
        pytest.param("https://app.example.com", [], [], id="an origin"),
        pytest.param("http://localhost:3000", [], [], id="http on this machine"),
        pytest.param("http://app.example.com", [WARNING], [DANGER], id="plain http"),
        pytest.param("https://*.example.com", [NOTE], [WARNING], id="a wildcard"),
        pytest.param("https://*.github.io", [WARNING], [DANGER], id="below a public suffix"),
        pytest.param("https://app.example.com:*", [NOTE], [WARNING], id="any port"),
        pytest.param(
            "http://*.example.com:*",
            [WARNING, NOTE, NOTE],
            [DANGER, WARNING, WARNING],
            id="all at once, the worst first",
        ),
        pytest.param("https://pr-*.acme.dev", [NOTE], [WARNING], id="a wildcard inside a label"),
        pytest.param("https://*--a.netlify.app", [WARNING], [DANGER], id="one that strangers fit"),
        pytest.param("http://pr-*.localhost", [NOTE], [WARNING], id="one on this machine"),
        pytest.param("app://-", [], [], id="an application"),
        pytest.param("moz-extension://*", [WARNING], [DANGER], id="every extension"),
        pytest.param("nonsense", [], [], id="what is no pattern"),
    ],
)
def test_severities_of_entries(
    pattern: str, without: list[Severity], with_credentials: list[Severity]
) -> None:
    for credentials, expected in ((False, without), (True, with_credentials)):
        found = risks_of(Origin(pattern=pattern, credentials=credentials))

        assert [risk.severity for risk in found] == expected
        assert all(pattern in risk.sentence for risk in found)


def test_a_pattern_that_strangers_can_fit_has_a_code_for_each_flag() -> None:
    pattern = "https://*--a.netlify.app"
    found = [risks_of(Origin(pattern=pattern, credentials=flag)) for flag in (False, True)]

    assert [[(risk.code, risk.value) for risk in risks] for risks in found] == [
        [("shared-parent", pattern)],
        [("shared-parent-credentials", pattern)],
    ]


def test_any_origin_is_a_risk_of_its_rule() -> None:
    assert risks_of(PathRule(path="/open/", any_origin=True)) == [Risk("any-origin", "/open/")]
    assert risks_of(PathRule(path="/api/")) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"request_headers": ["*"]}, [Risk("echo", "/api/")], id="any header"),
        pytest.param({"methods": ["*"]}, [Risk("echo", "/api/")], id="any method"),
        pytest.param({"methods": ["*"], "credentials": False}, [], id="without credentials"),
        pytest.param({"request_headers": ["x-a"]}, [], id="without a star"),
    ],
)
def test_a_star_with_credentials_is_a_risk_of_its_rule(
    fields: dict[str, Any], expected: list[Risk]
) -> None:
    found = risks_of(PathRule(**{"path": "/api/", "credentials": True, **fields}))

    assert found == expected
    assert [risk.severity for risk in found] == [WARNING] * len(expected)


def test_a_tenant_has_no_risk() -> None:
    assert risks_of(Tenant(slug="acme")) == []


def test_what_somebody_typed_is_escaped() -> None:
    assert "\\x1b" in Risk("any-origin", "/\x1b/").sentence


def test_every_risk_has_a_severity_in_words_and_a_sentence() -> None:
    for code, (severity, _sentence) in RISKS.items():
        risk = Risk(code, "https://*.example.com")

        assert risk.severity is severity
        assert risk.graded.startswith(f"{severity.word.capitalize()}: ")
        assert risk.sentence.endswith(".")


def test_severities_are_three_words_the_least_first() -> None:
    with translation.override("en"):
        assert [severity.word for severity in Severity] == ["note", "warning", "danger"]


def test_accepted_dangers_are_warnings() -> None:
    make_site(
        origins=[{"pattern": "http://app.example.com", "risk_accepted": True, **CREDENTIALS}],
        paths=[CREDENTIALS],
    )

    (found,) = findings()

    assert (found.code, found.level, found.word) == ("risk", "warning", "warning")
    assert_hold([found.message], [["Danger: ", "“http://app.example.com”"]])


@pytest.mark.parametrize(
    ("origins", "rule"),
    [
        pytest.param([{"pattern": "http://app.example.com"}], {}, id="plain http"),
        pytest.param(
            [{"pattern": "https://*.example.com", **CREDENTIALS}], CREDENTIALS, id="a wildcard"
        ),
        pytest.param([], {"any_origin": True}, id="any origin"),
    ],
)
def test_what_needs_nobody_to_accept_it_is_a_note(
    origins: list[dict[str, Any]], rule: dict[str, Any]
) -> None:
    make_site(origins=origins, paths=[rule])

    (found,) = findings()

    assert (found.code, found.level) == ("exposed", "note")
    assert "Warning: " in found.message


def test_a_rule_that_opens_the_admin_is_told_once() -> None:
    make_site(paths=[{"path": "/", "any_origin": True}])

    assert codes() == ["admin-any-origin"]
