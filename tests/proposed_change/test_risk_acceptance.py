"""Only what a person can accept counts as a danger of an entry."""

import pytest

from corsadmin.models import Origin
from corsadmin.proposed_change.risk_acceptance import dangers


@pytest.mark.parametrize(
    ("pattern", "credentials", "codes"),
    [
        pytest.param("http://app.example.com", True, ["risk-plain-http"], id="plain http"),
        pytest.param("http://app.example.com", False, [], id="plain http without credentials"),
        pytest.param("https://app.example.com", True, [], id="https"),
        pytest.param("https://app.example.com/", True, [], id="a slash too many"),
        pytest.param("", True, [], id="nothing"),
    ],
)
@pytest.mark.parametrize("accepted", [True, False])
def test_dangers(pattern: str, credentials: bool, accepted: bool, codes: list[str]) -> None:
    row = Origin(pattern=pattern, credentials=credentials, risk_accepted=accepted)

    assert [problem.code for problem in dangers(row)] == codes
