"""What users' own test suites are made of, as files of their projects."""

from typing import Final

POLICY: Final = """\
from corsadmin.models import Tenant

APP = "https://app.example.com"
ALLOWED = "Access-Control-Allow-Origin"


def allow():
    platform = Tenant.objects.get(slug="platform")
    platform.paths.create(path="/api/")
    platform.origins.create(pattern=APP)
"""
# Two classes of each kind: with --parallel they run in different processes.
SUITE: Final = """\
import threading
from urllib.request import Request, urlopen

from django.test import LiveServerTestCase, SimpleTestCase, TestCase, TransactionTestCase

from corsadmin.models import Origin, Tenant
from policy import ALLOWED, APP, allow


class InTransaction(TestCase):
    @classmethod
    def setUpTestData(cls):
        allow()

    def test_a_policy_of_the_class_counts(self):
        answer = self.client.get("/api/orders", headers={"origin": APP})
        self.assertEqual(answer.headers[ALLOWED], APP)

    def test_a_policy_of_the_test_counts(self):
        other = "https://other.example.com"
        before = self.client.get("/api/orders", headers={"origin": other})
        self.assertNotIn(ALLOWED, before.headers)
        Origin.objects.create(tenant=Tenant.objects.get(slug="platform"), pattern=other)
        answer = self.client.get("/api/orders", headers={"origin": other})
        self.assertEqual(answer.headers[ALLOWED], other)

    async def test_the_asynchronous_client_sees_it_too(self):
        answer = await self.async_client.get("/api/orders", headers={"origin": APP})
        self.assertEqual(answer.headers[ALLOWED], APP)


class WithoutPolicy(TestCase):
    def test_what_others_wrote_is_gone(self):
        answer = self.client.get("/api/orders", headers={"origin": APP})
        self.assertNotIn(ALLOWED, answer.headers)


class Committed(TransactionTestCase):
    def test_one(self):
        self.check()

    def test_another_after_a_flush(self):
        self.check()

    def check(self):
        allow()
        answer = self.client.get("/api/orders", headers={"origin": APP})
        self.assertEqual(answer.headers[ALLOWED], APP)


class Live(LiveServerTestCase):
    def test_one(self):
        self.check()

    def test_another_after_a_flush(self):
        self.check()

    def check(self):
        asked = Request(self.live_server_url + "/api/orders", headers={"Origin": APP})
        with urlopen(asked) as answer:
            self.assertNotIn(ALLOWED, answer.headers)
        allow()
        with urlopen(asked) as answer:
            self.assertEqual(answer.headers[ALLOWED], APP)


class WithoutDatabase(SimpleTestCase):
    def test_a_request_is_answered_without_headers_or_a_word(self):
        with self.assertNoLogs("corsadmin"):
            answer = self.client.get("/api/orders", headers={"origin": APP})
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn(ALLOWED, answer.headers)

    def test_no_thread_has_been_started(self):
        names = [thread.name for thread in threading.enumerate()]
        self.assertNotIn("corsadmin-refresher", names)
"""
PYTEST_INI: Final = """\
[pytest]
DJANGO_SETTINGS_MODULE = settings
"""
PYTEST: Final = """\
import threading
from urllib.request import Request, urlopen

import pytest

from policy import ALLOWED, APP, allow


@pytest.mark.django_db
def test_a_policy_counts(client):
    allow()
    assert client.get("/api/orders", headers={"origin": APP}).headers[ALLOWED] == APP


@pytest.mark.django_db
def test_what_others_wrote_is_gone(client):
    assert ALLOWED not in client.get("/api/orders", headers={"origin": APP}).headers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_committed_policy_counts(client, time):
    allow()
    assert client.get("/api/orders", headers={"origin": APP}).headers[ALLOWED] == APP


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_live_server_sees_the_policy(live_server, time):
    asked = Request(live_server.url + "/api/orders", headers={"Origin": APP})
    with urlopen(asked) as answer:
        assert ALLOWED not in answer.headers
    allow()
    with urlopen(asked) as answer:
        assert answer.headers[ALLOWED] == APP


def test_without_a_database_a_request_is_answered_without_headers_or_a_word(client, caplog):
    answer = client.get("/api/orders", headers={"origin": APP})

    assert answer.status_code == 200
    assert ALLOWED not in answer.headers
    assert caplog.records == []


def test_no_thread_has_been_started():
    assert "corsadmin-refresher" not in [thread.name for thread in threading.enumerate()]
"""
