"""A project without time zones: the moments of commands, files and emergencies are its own."""

from pathlib import Path
from typing import Final

import pytest

from tests.databases import Postgres
from tests.projects import Project, sqlite

pytestmark = pytest.mark.slow

SUITE: Final = """\
import json
from datetime import datetime, timedelta
from io import StringIO

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import TestCase

from corsadmin.models import Emergency, Origin, Tenant

NEW = "https://new.example.com"
END = "2099-01-01T01:00:00+01:00"
HERE = datetime(2099, 1, 1, 9)  # in Tokyo


class WithoutTimeZones(TestCase):
    @classmethod
    def setUpTestData(cls):
        Tenant.objects.create(slug="acme", name="Acme")

    def call(self, *arguments):
        out = StringIO()
        call_command(*arguments, stdout=out)
        return out.getvalue()

    def test_an_origin_is_allowed_until_a_moment(self):
        self.call("cors_allow", NEW, "--tenant", "acme", "--until", END)
        self.assertEqual(Origin.objects.get().valid_until, HERE)

    def test_an_origin_is_allowed_for_days(self):
        self.call("cors_allow", NEW, "--tenant", "acme", "--days", "3")
        left = Origin.objects.get().valid_until - datetime.now()
        self.assertTrue(timedelta(days=2, hours=23) < left <= timedelta(days=3))

    def test_an_emergency_has_an_end_and_is_in_the_history(self):
        given = ("--tenant", "acme", "--reason", "x")
        self.call("cors_emergency", "on", *given, "--until", END)
        self.assertEqual(Emergency.objects.get().until, HERE)
        self.client.force_login(User.objects.create_superuser("anna"))
        page = self.client.get("/admin/corsadmin/tenant/history/", {"kind": "emergency"})
        self.assertContains(page, "switched on")

    def test_a_file_carries_moments(self):
        origin = {"pattern": NEW, "valid_until": END}
        with open("policies.json", "w") as file:
            json.dump({"version": 1, "tenants": [{"slug": "acme", "origins": [origin]}]}, file)
        self.call("cors_import", "policies.json")
        self.assertEqual(Origin.objects.get().valid_until, HERE)
        self.assertIn("2099-01-01T00:00:00Z", self.call("cors_export"))
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_project_has_no_time_zones(kind: str, tmp_path: Path, postgres: Postgres) -> None:
    database = sqlite(tmp_path) if kind == "sqlite" else postgres.settings("no_zones")
    project = Project(tmp_path, {"default": database})
    project.add_settings('USE_TZ = False\nTIME_ZONE = "Asia/Tokyo"\n')
    project.write("tests.py", SUITE)

    assert "OK\n" in project.manage("test")
