"""How many label wildcards a tenant may have, on the pages that add several rows at once."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from corsadmin.engine.problems import Problem
from corsadmin.engine.wildcards import MAX_LABEL_LENGTHS
from corsadmin.messages import describe
from corsadmin.models import Origin
from tests.admin.copies import look, plan
from tests.admin.forms import errors_of, submit
from tests.factories import OriginFactory
from tests.label_wildcards import fill, one_more, patterns, same_lengths

pytestmark = pytest.mark.slow

TOO_MANY = describe(Problem("pattern", "label-wildcards-too-many", one_more()))
MAX_SHOWN = 50  # rows of a tenant that its page shows


def tenant_page(tenant):
    return reverse("admin:corsadmin_tenant_change", args=[tenant.pk])


def test_of_pasted_lines_those_that_are_too_many_are_wrong(superuser, acme):
    lines = [*patterns(MAX_LABEL_LENGTHS), one_more(), same_lengths()]

    response = superuser.post(
        reverse("admin:corsadmin_tenant_paste", args=[acme.pk]),
        {"lines": "\n".join(lines), "change_reason": "", "check": "Check"},
    )

    found = response.context["lines"]
    assert [line.number for line in found if line.state != "right"] == [MAX_LABEL_LENGTHS + 1]
    (message,) = found[MAX_LABEL_LENGTHS].messages
    assert message == TOO_MANY


def test_of_copied_rows_those_that_are_too_many_are_refused(superuser, acme, rival):
    fill(rival, MAX_LABEL_LENGTHS)
    Origin.objects.filter(tenant=acme).delete()
    OriginFactory(tenant=acme, pattern=one_more())
    OriginFactory(tenant=acme, pattern=same_lengths())

    response = look(superuser, acme.origins.order_by("pk"), "rival")

    assert plan(response) == [
        ("rival", one_more(), "refused"),
        ("rival", same_lengths(), "new"),
    ]
    assert escape(TOO_MANY) in response.content.decode()


def test_new_rows_of_a_tenants_page_count_together(superuser, acme):
    Origin.objects.filter(tenant=acme).delete()
    stored = [row.pattern for row in fill(acme, MAX_SHOWN)]
    texts = [*patterns(MAX_LABEL_LENGTHS), one_more()][MAX_SHOWN:]

    response = submit(superuser, tenant_page(acme), new_rows(*texts))

    assert response.status_code == 200
    assert errors_of(response) == [TOO_MANY]
    assert {*acme.origins.values_list("pattern", flat=True)} == {*stored}


def test_a_row_that_is_deleted_on_the_page_makes_room(superuser, acme):
    Origin.objects.filter(tenant=acme).delete()
    fill(acme, MAX_SHOWN)
    texts = [*patterns(MAX_LABEL_LENGTHS), one_more()][MAX_SHOWN:]

    response = submit(superuser, tenant_page(acme), {**new_rows(*texts), "origins-0-DELETE": "on"})

    assert response.status_code == 302
    assert acme.origins.filter(pattern=one_more()).exists()


def new_rows(*texts):
    """Return what a browser sends for rows that are added behind those that the page shows."""
    numbered = enumerate(texts, MAX_SHOWN)
    rows = {f"origins-{number}-pattern": text for number, text in numbered}
    return {**rows, "origins-TOTAL_FORMS": str(MAX_SHOWN + len(texts))}


def test_the_rows_of_a_new_tenant_count_together(superuser):
    rows = enumerate([*patterns(MAX_LABEL_LENGTHS), one_more()])
    typed = {f"origins-{number}-pattern": text for number, text in rows}

    response = submit(
        superuser,
        reverse("admin:corsadmin_tenant_add"),
        {"slug": "fresh", **typed, "origins-TOTAL_FORMS": str(len(typed))},
    )

    assert response.status_code == 200
    assert errors_of(response) == [TOO_MANY]
