"""An emergency under the lens: its step, what lifts it, and what is wrong besides."""

from typing import Any

import pytest
from django.utils import timezone

from corsadmin.diagnose.explain import Explanation
from corsadmin.models import Emergency, Tenant
from tests.diagnose.explain.questions import APP, EVIL, ask
from tests.factories import make_site

pytestmark = pytest.mark.django_db
COOKIES: dict[str, Any] = {"credentials": True}


@pytest.fixture
def acme() -> Tenant:
    found: Tenant = make_site(
        origins=[{"pattern": APP, "credentials": True}], paths=[{"credentials": True}]
    )
    return found


def stop(tenant: Tenant, level: str = "all", **fields: Any) -> None:
    Emergency.objects.create(tenant=tenant, level=level, reason="x", **fields)


def failed(found: Explanation) -> list[str]:
    return [step.name for step in found.steps if step.ok is False]


def lifted(found: Explanation) -> list[str]:
    return [one.lifted for one in found.mending.remedies if one.kind == "emergency"]


def test_it_is_the_one_cause(acme: Tenant) -> None:
    stop(acme)

    found = ask()

    assert (found.decision.reason, failed(found), lifted(found)) == (
        "emergency",
        ["emergency"],
        ["acme"],
    )
    assert found.mending.is_sufficient
    (remedy,) = found.mending.remedies
    report = remedy.as_dict()
    assert "acme" in str(report.pop("sentence"))
    assert report == {
        "kind": "emergency",
        "step": "emergency",
        "made_in": "policy",
        "model": None,
        "tenant": "acme",
        "row": "",
        "is_new": None,
        "values": {},
    }


def test_what_is_wrong_besides_is_said_too(acme: Tenant) -> None:
    stop(acme)

    found = ask(origin=EVIL)

    assert failed(found) == ["emergency", "origin"]
    assert [str(one.kind) for one in found.mending.remedies] == ["emergency", "origin-add"]
    assert found.mending.is_sufficient


def test_both_are_lifted_the_stronger_one_first(acme: Tenant) -> None:
    stop(acme, "credentials")
    stop(Tenant.objects.platform())

    found = ask(**COOKIES)

    assert (lifted(found), failed(found)) == (["platform", "acme"], ["emergency"])
    assert found.mending.is_sufficient


def test_without_cookies_credentials_are_not_missed(acme: Tenant) -> None:
    stop(acme, "credentials")

    found, missing = ask(), ask(**COOKIES)

    sentences = {step.name: step.sentence for step in found.steps}
    assert (found.allowed, lifted(found)) == (True, [])
    assert sentences["emergency"] == sentences["credentials"]
    assert (missing.allowed, failed(missing), lifted(missing)) == (False, ["emergency"], ["acme"])


def test_where_the_policies_grant_nothing_either_all_is_said() -> None:
    stop(make_site(origins=[APP]), "credentials")

    found = ask(**COOKIES)

    kinds = [str(one.kind) for one in found.mending.remedies]
    assert kinds == ["rule-credentials", "emergency", "origin-credentials"]
    assert failed(found) == ["emergency", "credentials"]


def test_one_that_is_over_is_no_cause(acme: Tenant) -> None:
    stop(acme, until=timezone.now())

    found = ask()

    assert found.allowed
    assert "emergency" not in [step.name for step in found.steps]
