"""What the lint finds at the time of these tests."""

from datetime import UTC, datetime
from typing import Any, Final

from corsadmin.diagnose.lint import Finding, lint

NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
APP: Final = "https://app.example.com"
CREDENTIALS: Final[dict[str, Any]] = {"credentials": True}


def findings(tenant: str = "") -> list[Finding]:
    return list(lint("default", NOW.timestamp(), tenant))


def codes(tenant: str = "") -> list[str]:
    return [found.code for found in findings(tenant)]
