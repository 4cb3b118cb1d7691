"""Names of request headers on the pages of the admin: any case will do."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.urls import reverse

from corsadmin.admin.fields import split_names
from corsadmin.engine.problems import Problem
from corsadmin.messages import describe
from tests.admin.copies import confirm, look
from tests.admin.forms import errors_of, submit
from tests.factories import PathRuleFactory


def page_of(rule):
    return reverse("admin:corsadmin_pathrule_change", args=[rule.pk])


@pytest.fixture
def rule(acme):
    return PathRuleFactory(tenant=acme, path="/headers/", request_headers=["content-type"])


def test_a_form_takes_names_in_any_case(superuser, rule):
    typed = {"request_headers": "Content-Type, X-A x-a", "change_reason": "why not"}

    response = submit(superuser, page_of(rule), typed)

    assert response.status_code == 302, errors_of(response)
    rule.refresh_from_db()
    assert rule.request_headers == ["content-type", "x-a"]
    assert rule.history.latest().request_headers == ["content-type", "x-a"]


def test_the_rows_of_a_tenants_page_take_them_too(superuser, acme, rule):
    page = reverse("admin:corsadmin_tenant_change", args=[acme.pk])
    place = [row.pk for row in acme.paths.order_by("path")].index(rule.pk)

    response = submit(superuser, page, {f"paths-{place}-request_headers": "Content-Type X-A"})

    assert response.status_code == 302, errors_of(response)
    rule.refresh_from_db()
    assert rule.request_headers == ["content-type", "x-a"]


def test_another_case_is_not_a_change(superuser, acme, rule):
    before = LogEntry.objects.count()

    response = submit(superuser, page_of(rule), {"request_headers": "Content-Type content-type"})

    assert response.status_code == 302, errors_of(response)
    (entry,) = LogEntry.objects.all()[before:]
    assert entry.change_message == "[]"


def test_a_name_with_a_problem_stays_as_it_was_typed(superuser, rule):
    typed = {"request_headers": "X-A X-B:", "change_reason": "why not"}

    response = submit(superuser, page_of(rule), typed)

    shown = response.content.decode()
    assert 'value="X-A X-B:"' in shown
    assert 'data-corsadmin-value="x-b" data-corsadmin-instead="X-B:"' in shown


def test_a_method_keeps_its_case_and_a_registered_one_is_corrected(superuser, rule):
    typed = {"methods": "patch purge", "change_reason": "why not"}

    response = submit(superuser, page_of(rule), typed)

    (error,) = response.context["adminform"].form.errors.as_data()["methods"]
    assert error.code == "method-lower-case"
    assert error.messages == [describe(Problem("methods", error.code, "patch", "PATCH"))]


def test_a_copy_of_a_row_that_came_in_by_sql_is_stored_in_lower_case(superuser, acme, rival, rule):
    with connection.cursor() as cursor:
        raw = "UPDATE corsadmin_pathrule SET request_headers = %s WHERE id = %s"
        cursor.execute(raw, ['["X-A"]', rule.pk])
    rows = acme.paths.filter(pk=rule.pk)

    confirm(superuser, look(superuser, rows, "rival", model="pathrule"), rows)

    assert rival.paths.get(path="/headers/").request_headers == ["x-a"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("GET, POST put;DELETE", ["GET", "POST", "put", "DELETE"]),
        (
            "Content-Type, X-CSRFToken Authorization",
            ["Content-Type", "X-CSRFToken", "Authorization"],
        ),
        ("GET/POST/put", ["GET", "POST", "put"]),
        ("GET | POST|PUT", ["GET", "POST", "PUT"]),
        ("X-A|X-B", ["X-A", "X-B"]),
        ("[\"GET\", 'POST', `PUT`]", ["GET", "POST", "PUT"]),
        ("GET, POST and PUT & PATCH und DELETE", ["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ("\u2022 GET\n\u2022 POST\u00a0PUT\t„PATCH“", ["GET", "POST", "PUT", "PATCH"]),
        ("Accept: text/html", ["Accept:", "text/html"]),
        ("odd|name '", ["odd|name", "'"]),
        ("*", ["*"]),
        ("  ,; ", []),
    ],
)
def test_names_are_typed_with_any_separator(typed, names):
    assert split_names(typed) == names


def test_one_paste_fills_both_lists_of_a_rule(superuser, rule):
    typed = {
        "methods": "GET, POST;DELETE",
        "request_headers": "Content-Type; X-CSRFToken\tAuthorization",
        "change_reason": "OPS-1",
    }

    response = submit(superuser, page_of(rule), typed)

    assert response.status_code == 302, errors_of(response)
    rule.refresh_from_db()
    assert rule.methods == ["GET", "POST", "DELETE"]
    assert rule.request_headers == ["content-type", "x-csrftoken", "authorization"]
