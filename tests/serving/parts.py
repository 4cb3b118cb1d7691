"""Tenants that are read in several parts, and what must come of it."""

from typing import Any, Final

import pytest
from django.db import transaction

from corsadmin.serving import loader
from corsadmin.serving.loader import sql
from tests.factories import make_site
from tests.serving.snapshots import contents

APP: Final = "https://app.example.com"
COUNT: Final = 5


def make_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make tenants that come in three parts."""
    monkeypatch.setattr(sql, "MAX_ROW_TENANTS", dict.fromkeys(sql.MAX_ROW_TENANTS, 2))
    for number in range(COUNT):
        make_site(f"t{number}", origins=[APP, f"https://*.n{number}.example"])


def in_a_transaction() -> Any:
    """Return what is read where parts are not streamed."""
    with transaction.atomic():
        return contents(loader.load("default"))
