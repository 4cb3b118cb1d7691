"""On PostgreSQL: what lists read by an index, and how many queries every page of a large site costs."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import admin_dataset
from benchmarks.admin_pages import PEOPLE, SMALL, pages, people
from corsadmin.admin.changelist import bounded
from tests.admin.queries import queries_of
from tests.databases import Postgres
from tests.messages.screens import assert_says, assert_silent
from tests.serving.databases import alias_leads_to

pytestmark = pytest.mark.slow

TENANTS = 2_000
# What begins and ends a transaction, and says how long its statements may wait, reads nothing.
TRANSACTION = ("BEGIN", "COMMIT", "SELECT set_config(")
CALLED = "https://customer-1020.api.example.net/v1/"
REAL = "https://www.customer-1020.example.org/page"


@pytest.fixture(scope="module")
def site(  # pragma: no cover (only the first row of a sweep is measured, another may come first)
    postgres: Postgres, django_db_blocker: Any
) -> Iterator[dict[str, Client]]:
    """People of a site with 25,000 origins, whose database belongs to a role without privileges."""
    postgres.execute("CREATE ROLE plain LOGIN")
    postgres.execute("CREATE DATABASE lists OWNER plain")
    settings = {**postgres.settings("lists"), "USER": "plain"}
    with django_db_blocker.unblock(), alias_leads_to(settings):
        call_command("migrate", verbosity=0)
        admin_dataset.fill(TENANTS)
        yield people()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists end as early as those of a million rows do."""
    monkeypatch.setattr(bounded, "MAX_LISTED_ROWS", 250)


def scanned(client: Client, model: str, query: str) -> set[str]:
    """Return the tables that the queries of a list read from end to end."""
    url = f"{reverse(f'admin:corsadmin_{model}_changelist')}?{query}"
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    found = set()
    with connection.cursor() as cursor:
        for asked in captured.captured_queries:
            if asked["sql"].startswith("SELECT") and f'FROM "corsadmin_{model}"' in asked["sql"]:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {asked['sql']}")
                found |= read_whole(cursor.fetchone()[0][0]["Plan"])
    return found


def read_whole(plan: dict[str, Any]) -> set[str]:
    """Return the tables that a plan reads from end to end."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*map(read_whole, plan.get("Plans", ())))


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("model", "query"),
    [
        pytest.param("origin", "", id="origins, the latest first"),
        pytest.param("origin", "o=1", id="origins by pattern"),
        pytest.param("origin", "o=-1", id="origins by pattern, the last first"),
        pytest.param("origin", "o=2", id="origins by tenant"),
        pytest.param("origin", "o=-6", id="origins by last change"),
        pytest.param("origin", "p=5", id="origins, the last page"),
        pytest.param("origin", f"tenant={SMALL}", id="origins of a tenant"),
        pytest.param("origin", "state=ending", id="origins that end soon"),
        pytest.param("origin", "state=not-yet", id="origins not yet valid"),
        pytest.param("origin", "state=disabled", id="disabled origins"),
        pytest.param("origin", "risk=accepted", id="accepted risks"),
        pytest.param("origin", "risk=http", id="plain http"),
        pytest.param("origin", "risk=wildcard", id="wildcards"),
        pytest.param(
            "origin", "modified__gte=2040-01-01+00:00:00%2B00:00", id="origins changed since"
        ),
        pytest.param("origin", f"q={REAL}", id="a real origin"),
        pytest.param("origin", "tenant_name=customer-1020", id="origins of a named tenant"),
        pytest.param("origin", "tenant_name=mer-1020", id="origins of tenants by part of a slug"),
        pytest.param("tenant", "", id="tenants"),
        pytest.param("tenant", f"q={CALLED}", id="the tenant of a pasted URL"),
        pytest.param("tenanthost", f"q={CALLED}", id="the host of a pasted URL"),
        pytest.param("tenant", "o=-1", id="tenants, the last first"),
        pytest.param("tenanthost", "", id="hosts, the latest first"),
        pytest.param("tenanthost", "o=1", id="hosts by name"),
        pytest.param("tenanthost", f"tenant={SMALL}", id="hosts of a tenant"),
        pytest.param("pathrule", "", id="rules, the latest first"),
        pytest.param("pathrule", f"tenant={SMALL}", id="rules of a tenant"),
        pytest.param("tenantmember", f"tenant={SMALL}", id="members of a tenant"),
    ],
)
@pytest.mark.usefixtures("short")
def test_lists_find_their_rows_by_an_index(site: dict[str, Client], model: str, query: str) -> None:
    assert f"corsadmin_{model}" not in scanned(site["superuser"], model, query)


@pytest.mark.sweep
@pytest.mark.parametrize("model", ["origin", "tenanthost", "pathrule"])
@pytest.mark.parametrize("query", ["", "o=1", "q=nothing"])
@pytest.mark.usefixtures("short")
def test_a_members_lists_read_their_own_tenants_only(
    site: dict[str, Client], model: str, query: str
) -> None:
    assert f"corsadmin_{model}" not in scanned(site["member"], model, query)


def test_a_search_for_part_of_a_text_reads_the_table_once(site: dict[str, Client]) -> None:
    assert scanned(site["superuser"], "origin", "q=nothing-like-it") == {"corsadmin_origin"}
    asked = queries_of(site["superuser"], "/admin/corsadmin/origin/?q=nothing-like-it")
    assert len([sql for sql in asked if 'FROM "corsadmin_origin"' in sql]) == 1


@pytest.mark.usefixtures("short")
def test_the_number_of_all_rows_is_estimated(site: dict[str, Client]) -> None:
    address = reverse("admin:corsadmin_origin_changelist")

    whole = site["superuser"].get(address)
    part = site["superuser"].get(address, {"risk": "credentials"})
    own = site["member"].get(address)

    assert_says(whole, "list-cut-about", total="24,990", most=250)
    assert_says(part, "list-cut", most=250)
    assert_silent(own, "list-cut", "list-cut-about")


def most_of(path: str) -> int:
    """Return how many queries a page may cost.

    A restore plans by the history of four tables and asks what was seen of the callers it touches.
    The start page has six cards, and names the busiest tenants where calls were refused today.
    """
    dear = {"/admin/corsadmin/": 21}
    return 22 if "/restore/" in path else dear.get(path, 20)


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_costs_few_queries(site: dict[str, Client], who: str) -> None:
    left_out = ("sorted", "deep pages")
    looked_at = [
        page
        for page in pages()
        if page.who == who and page.sent is None and not page.group.endswith(left_out)
    ]
    # The members of a small tenant and of a large one open every second page, each the others.
    looked_at = {"member": looked_at[::2], "large": looked_at[1::2]}.get(who, looked_at)

    cost = {
        page.path: sum(not sql.startswith(TRANSACTION) for sql in queries_of(site[who], page.path))
        for page in looked_at
    }

    assert {path: number for path, number in cost.items() if number > most_of(path)} == {}
    assert len(cost) > 30
