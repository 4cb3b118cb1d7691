"""A project unlike the demo: users without user names, keys that are not numbers, no time zones.

What commands, files and emergencies say of moments is in the project's own time.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.databases import Postgres
from tests.messages.screens import text
from tests.projects import Project, sqlite

pytestmark = pytest.mark.slow

SETTINGS: Final = """\
INSTALLED_APPS += ["people"]
AUTH_USER_MODEL = "people.Person"
USE_TZ = False
TIME_ZONE = "Asia/Tokyo"
"""
PEOPLE: Final = """\
import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class People(BaseUserManager):
    def create_superuser(self, email, password=None):
        return self.create(email=email, is_superuser=True)


class Person(AbstractBaseUser, PermissionsMixin):
    USERNAME_FIELD = EMAIL_FIELD = "email"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)
    is_staff = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    objects = People()
"""
OWN_USERS: Final = """\
import json
from io import StringIO

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client, TestCase
from django.urls import reverse

from corsadmin.admin.history.change_number import change_number
from corsadmin.models import Emergency, Origin, Tenant, TenantMember

APP = "https://app.example.com"
HISTORY = "/admin/corsadmin/tenant/history/"
MEMBERS = "members-TOTAL_FORMS"


class OwnUsers(TestCase):
    @classmethod
    def setUpTestData(cls):
        people = get_user_model().objects
        cls.chief = people.create_superuser("chief@example.com")
        cls.member = people.create(email="member@example.com")
        cls.acme = Tenant.objects.create(slug="acme", name="Acme")
        cls.acme.origins.create(pattern=APP)

    def client_of(self, person):
        client = Client()
        client.force_login(person)
        return client

    def add_member(self):
        page = reverse("admin:corsadmin_tenantmember_add")
        sent = {"tenant": self.acme.pk, "user": "member@example.com", "role": "editor"}
        return self.client_of(self.chief).post(page, sent)

    def switch(self, client):
        page = reverse("admin:corsadmin_tenant_emergency", args=[self.acme.pk])
        return client.post(page, {"level": "all", "change_reason": "INC-1", "switch": ""}, follow=True)

    def undo(self, client, kind):
        number = change_number(kind.history.latest().history_date)
        page = reverse("admin:corsadmin_tenant_undo", args=[number])
        shown = client.get(page)
        sent = {"digest": shown.context["digest"], "undo": "", "change_reason": "x"}
        return client.post(page, {**sent, "confirm_lockout": "on"})

    def test_a_member_is_named_by_what_they_log_in_with(self):
        self.assertEqual(self.add_member().status_code, 302)
        self.assertEqual(TenantMember.objects.get().user, self.member)
        text = self.client_of(self.chief).get(HISTORY).content.decode()
        self.assertIn("<ins>member@example.com</ins>", text)
        self.assertIn("chief@example.com", text)
        self.assertContains(self.client_of(self.member).get(HISTORY), APP)
        page = reverse("admin:corsadmin_tenant_change", args=[self.acme.pk])
        self.assertContains(self.client_of(self.chief).get(page), "member@example.com")

    def test_the_history_is_searched_by_users_and_undone(self):
        client = self.client_of(self.chief)
        page = reverse("admin:corsadmin_origin_delete", args=[self.acme.origins.get().pk])
        client.post(page, {"post": "yes", "confirm_lockout": "on"})
        self.assertContains(client.get(HISTORY, {"user": "chief@"}), f"{APP}</a></strong>")
        self.assertContains(client.get(HISTORY, {"user": "member@"}), "NO-CHANGE-MATCHES")
        self.assertEqual(self.undo(client, Origin).status_code, 302)
        self.assertEqual(Origin.objects.get().history.latest().history_user, self.chief)

    def test_an_emergency_is_switched_shown_and_undone(self):
        self.add_member()
        client = self.client_of(self.member)
        self.assertEqual(self.switch(client).status_code, 403)
        self.member.user_permissions.add(Permission.objects.get(codename="emergency"))
        client = self.client_of(self.member)
        self.assertContains(self.switch(client), "by member@example.com")
        self.assertContains(client.get(HISTORY, {"kind": "emergency"}), "switched on")
        self.assertEqual(self.undo(client, Emergency).status_code, 302)
        self.assertFalse(Emergency.objects.exists())
        self.assertEqual(self.undo(client, Emergency).status_code, 302)
        self.assertEqual(Emergency.objects.get().by, self.member)

    def test_commands_act_as_a_user(self):
        given = {"user": "chief@example.com", "reason": "INC-2", "stdout": StringIO()}
        call_command("cors_emergency", "on", tenant="acme", until_lifted=True, **given)
        self.assertEqual(Emergency.objects.get().by, self.chief)
        call_command("cors_allow", "https://new.example.com", tenant="acme", days=1, **given)
        self.assertEqual(
            Origin.objects.get(pattern="https://new.example.com").history.get().history_user,
            self.chief,
        )

    def test_an_import_is_signed(self):
        tenants = [{"slug": "acme", "origins": [{"pattern": "https://file.example.com"}]}]
        with open("policies.json", "w") as file:
            json.dump({"version": 1, "tenants": tenants}, file)
        call_command("cors_import", "policies.json", user="chief@example.com", stdout=StringIO())
        version = Origin.history.get(pattern="https://file.example.com")
        self.assertEqual(version.history_user, self.chief)
        page = self.client_of(self.chief).get(HISTORY, {"kind": "imported"})
        self.assertContains(page, "https://file.example.com")
"""
WITHOUT_TIME_ZONES: Final = """\
import json
from datetime import datetime, timedelta
from io import StringIO

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import TestCase

from corsadmin.models import Emergency, Origin, Tenant
from tests.admin.sites import walk

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
        self.client.force_login(get_user_model().objects.create_superuser("anna@example.com"))
        page = self.client.get("/admin/corsadmin/tenant/history/", {"kind": "emergency"})
        self.assertContains(page, "switched on")

    def test_pages_show_and_take_moments(self):
        self.client.force_login(get_user_model().objects.create_superuser("anna@example.com"))
        page = "/admin/corsadmin/origin/add/"
        self.assertContains(self.client.get(page), 'data-corsadmin-offset="540"')
        sent = {"tenant": Tenant.objects.get(slug="acme").pk, "pattern": NEW, "enabled": "on"}
        sent |= {"valid_until": "2099-01-01T09:00", "change_reason": "x"}
        saved = self.client.post(page, sent, follow=True)
        self.assertContains(saved, "IN-FORCE-AT-ONCE")
        self.assertContains(saved, "Jan. 1, 2099")
        self.assertEqual(Origin.objects.get().valid_until, HERE)

    def test_every_page_opens(self):
        acme = Tenant.objects.get(slug="acme")
        now = datetime.now()
        acme.origins.create(pattern=NEW, valid_from=now, valid_until=now + timedelta(days=3))
        acme.paths.create(path="/api/")
        self.call("cors_emergency", "on", "--tenant", "acme", "--reason", "x", "--hours", "3")
        Tenant.objects.create(slug="gone").delete()
        self.client.force_login(get_user_model().objects.create_superuser("anna@example.com"))
        starts = ["/admin/", "/admin/corsadmin/tenant/history/?since=2026-01-01&until=2099-01-01"]
        walked = [page for page, _links in walk(self.client, starts, "/admin/corsadmin/")]
        for part in ("/export/xlsx/", "/restore/?before="):
            self.assertTrue([page for page in walked if part in page], part)

    def test_a_tenant_is_put_back(self):
        acme = Tenant.objects.get(slug="acme")
        origin = acme.origins.create(pattern=NEW, valid_until=HERE)
        origin.delete()
        self.client.force_login(get_user_model().objects.create_superuser("anna@example.com"))
        page = f"/admin/corsadmin/tenant/{acme.pk}/restore/"
        before = Origin.history.latest().history_date.isoformat()
        shown = self.client.get(page, {"before": before})
        sent = {"before": before, "digest": shown.context["digest"], "change_reason": "x"}
        self.assertEqual(self.client.post(page, sent).status_code, 302)
        self.assertEqual(Origin.objects.get().valid_until, HERE)

    def test_a_file_carries_moments(self):
        origin = {"pattern": NEW, "valid_until": END}
        with open("policies.json", "w") as file:
            json.dump({"version": 1, "tenants": [{"slug": "acme", "origins": [origin]}]}, file)
        self.call("cors_import", "policies.json")
        self.assertEqual(Origin.objects.get().valid_until, HERE)
        self.assertIn("2099-01-01T00:00:00Z", self.call("cors_export"))
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_project_has_users_of_its_own_and_no_time_zones(
    kind: str, tmp_path: Path, postgres: Postgres
) -> None:
    database = sqlite(tmp_path) if kind == "sqlite" else postgres.settings("unlike_the_demo")
    project = Project(tmp_path, {"default": database}, SETTINGS)
    (tmp_path / "people").mkdir()
    project.write("people/__init__.py", "")
    project.write("people/models.py", PEOPLE)
    nothing, at_once = text("history-no-match"), text("effect-at-once")
    project.write("test_users.py", OWN_USERS.replace("NO-CHANGE-MATCHES", nothing))
    project.write("test_moments.py", WITHOUT_TIME_ZONES.replace("IN-FORCE-AT-ONCE", at_once))

    printed = project.manage_all(["makemigrations", "people"], ["test"])

    assert "OK\n" in printed
