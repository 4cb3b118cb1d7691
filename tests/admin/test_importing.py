"""Import in the admin: look at the plan, confirm exactly that one, or be shown another."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from corsadmin.admin.importing import MAX_ROWS, SHOWN
from corsadmin.forms.importing import MAX_SIZE, MAX_TAKEN
from corsadmin.models import Generation, Origin, Tenant, TenantMember
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.report import written
from corsadmin.transfer.xlsx_format import write_xlsx
from tests.admin.conftest import grant, log_in
from tests.admin.forms import fields_of
from tests.factories import TenantMemberFactory, UserFactory

NEW = "https://new.acme.example"
OLD = "https://app.acme.example"
TABLE = f"tenant,pattern\nacme,{NEW}\n"
PAGE = "/admin/corsadmin/tenant/import/"


def document(*tenants):
    return json.dumps({"version": 1, "tenants": tenants})


def origins(*rows, slug="acme", **keys):
    return {"slug": slug, "origins": list(rows), **keys}


def check(client, text, **extra):
    return client.post(PAGE, {"text": text, "check": "Check", **extra})


def upload(client, name, content, **extra):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content), **extra})


def confirm(client, response, **changes):
    """Press the confirm button of a page, some fields having been changed."""
    values = {**fields_of(response), "apply": "Import this", **changes}
    values.pop("file")
    return client.post(PAGE, values)


def take(client, response, correction):
    values = {**fields_of(response), "take": correction}
    values.pop("file")
    return client.post(PAGE, values)


def moves():
    return Generation.objects.get().value


def patterns(tenant):
    return set(tenant.origins.values_list("pattern", flat=True))


def problems(response):
    return [(fault.place, fault.code) for fault, _correction in response.context["problems"]]


def steps(response):
    return [
        (step["sign"], step["kind"], step["title"], step["fields"])
        for step in response.context["steps"]
    ]


def said(response):
    return [str(message) for message in response.wsgi_request._messages]


def test_the_empty_page_asks_and_writes_nothing(member):
    before = moves()

    response = member.get(PAGE, {"text": TABLE, "apply": "Import this"})

    assert response.status_code == 200
    assert reverse("admin:corsadmin_tenant_import") == PAGE
    assert fields_of(response)["text"] == ""
    assert "plan" not in response.context
    assert moves() == before


def test_a_plan_is_shown_field_by_field_and_nothing_is_written(member, acme):
    before = moves()
    rows = [{"pattern": OLD, "credentials": True}, {"pattern": NEW, "note": "shop"}]
    text = document(origins(*rows, name="Acme Inc."))

    response = check(member, text)

    assert steps(response) == [
        ("~", "tenant", "", [("name", written(acme.name), '"Acme Inc."')]),
        ("~", "origin", OLD, [("credentials", "false", "true")]),
        ("+", "origin", NEW, [("note", "", '"shop"')]),
    ]
    assert moves() == before
    assert patterns(acme) == {OLD}
    assert fields_of(response)["text"] == text
    shown = response.content.decode()
    assert "<del>false</del> → <ins>true</ins>" in shown
    assert "onclick" not in shown
    assert "<style" not in shown


def test_what_was_confirmed_is_one_change_with_user_and_reason(member, acme):
    shown = check(member, TABLE)
    before = moves()

    response = confirm(member, shown, change_reason="OPS-7")

    added = Origin.objects.get(pattern=NEW)
    version = added.history.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("admin:corsadmin_tenant_changelist")
    assert said(response) == [
        f"Imported as generation {before + 1}: 1 added, 0 changed, 0 removed."
    ]
    assert moves() == before + 1
    assert patterns(acme) == {OLD, NEW}
    assert (version.history_user.username, version.history_change_reason) == ("member", "OPS-7")


@pytest.mark.parametrize("prune", [False, True])
def test_rows_go_only_when_asked_to(member, acme, prune):
    text = f"tenant;pattern\r\nacme;{NEW}\r\n"

    shown = check(member, text, **({"prune": "on"} if prune else {}))
    confirm(member, shown)

    assert [sign for sign, *_rest in steps(shown)] == ["-", "+"][not prune :]
    assert patterns(acme) == ({NEW} if prune else {OLD, NEW})


def test_what_is_there_already_has_nothing_to_confirm(member, acme):
    before = moves()

    response = check(member, f"tenant,pattern\nacme,{OLD}\n", change_reason="kept")

    assert steps(response) == []
    assert "Nothing: everything is as the file says." in response.content.decode()
    assert "plan" not in fields_of(response)
    assert fields_of(response)["change_reason"] == "kept"
    assert moves() == before


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("a.csv", TABLE, "csv", id="a table"),
        pytest.param("a", TABLE, "csv", id="a table without a name that tells it"),
        pytest.param(
            "a.json", document(origins({"pattern": NEW}, name="Acme")), "json", id="a document"
        ),
        pytest.param("a", document(origins({"pattern": NEW})), "json", id="a nameless document"),
        pytest.param(
            "a.yml",
            f"version: 1\ntenants:\n- slug: acme\n  origins:\n  - pattern: {NEW}\n",
            "yaml",
            id="YAML",
        ),
        pytest.param(
            "a.txt",
            f"# ours\nversion: 1\ntenants:\n- slug: acme\n  origins: [pattern: {NEW}]\n",
            "yaml",
            id="YAML in a text file",
        ),
    ],
)
def test_a_file_is_taken_as_what_it_is(member, acme, name, text, expected):
    shown = upload(member, name, text.encode())

    assert fields_of(shown)["format"] == expected
    assert confirm(member, shown).status_code == 302
    assert NEW in patterns(acme)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_spreadsheet_marks_its_encoding(member, encoding):
    shown = upload(member, "a.csv", TABLE.encode(encoding))

    assert fields_of(shown)["text"] == TABLE


def test_the_name_of_a_file_counts_more_than_what_was_chosen_before(member, acme):
    response = upload(member, "a.csv", TABLE.encode(), format="json", text="{}")

    assert fields_of(response)["format"] == "csv"
    assert fields_of(response)["text"] == TABLE


def test_a_workbook_is_uploaded_and_confirmed(superuser, member, acme):
    content = b"".join(write_xlsx(read_tenants(["acme"]), risky=False))
    acme.origins.all().delete()

    shown = upload(member, "origins.xlsx", content)

    assert "<textarea" not in shown.content.decode()
    assert confirm(member, shown).status_code == 302
    assert patterns(acme) == {OLD}


@pytest.mark.parametrize(
    ("text", "chosen", "place", "code"),
    [
        pytest.param("{]", "", "line 1, column 2", "unreadable", id="no JSON"),
        pytest.param("a: [", "", "line 2, column 1", "unreadable", id="no YAML"),
        pytest.param("a: &b 1\nc: *b\n", "yaml", "line 2, column 4", "unreadable", id="an alias"),
        pytest.param(
            "a: !!python/object/apply:os.system [x]",
            "yaml",
            "line 1, column 4",
            "unreadable",
            id="a tag",
        ),
        pytest.param("tenant\nacme\n", "csv", "line 1", "key-missing", id="a heading too few"),
        pytest.param(
            TABLE + "acme,nonsense://\n",
            "",
            "line 3, pattern",
            "origin-host-invalid",
            id="a wrong origin",
        ),
        pytest.param("eA==", "xlsx", "", "unreadable", id="no workbook"),
    ],
)
def test_problems_are_said_with_their_place(member, text, chosen, place, code):
    before = moves()

    response = check(member, text, format=chosen)

    fault, _correction = response.context["problems"][0]
    assert (fault.place, fault.code) == (place, code)
    assert escape(fault.sentence) in response.content.decode()
    assert "plan" not in fields_of(response)
    assert moves() == before


@pytest.mark.parametrize(
    ("sent", "field", "word"),
    [
        pytest.param({}, "__all__", "Choose a file", id="nothing"),
        pytest.param({"text": " \n"}, "__all__", "Choose a file", id="blanks"),
        pytest.param({"text": "a\0b"}, "text", "Null", id="NUL"),
        pytest.param({"text": "é" * MAX_SIZE}, "text", "cors_import", id="a text too long"),
        pytest.param({"text": "no base", "format": "xlsx"}, "text", "pasted", id="no workbook"),
        pytest.param({"text": "x", "format": "xml"}, "format", "xml", id="no format"),
        pytest.param({"text": "x", "change_reason": "x" * 501}, "change_reason", "500", id="words"),
        pytest.param(
            {"text": "x", "taken": "x" * (MAX_TAKEN + 1)}, "taken", "100000", id="corrections"
        ),
    ],
)
def test_what_cannot_be_read_at_all_is_said_at_its_field(member, sent, field, word):
    response = member.post(PAGE, sent)

    assert word in str(response.context["form"].errors[field])
    assert word in response.content.decode()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\xff", "UTF-8", id="no text"),
        pytest.param(b"\xff\xfea", "UTF-8", id="half a character"),
        pytest.param(b"a\0b", "UTF-8", id="NUL"),
        pytest.param(b"x" * (MAX_SIZE + 1), "cors_import", id="too long"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_said(member, content, word):
    response = upload(member, "a.csv", content)

    assert word in str(response.context["form"].errors)
    assert word in response.content.decode()


def test_more_rows_than_a_page_takes_are_for_the_command(member, acme):
    rows = [f"acme,https://{number}.example" for number in range(MAX_ROWS + 1)]
    most = "\n".join(["tenant,pattern", *rows[:-1]])

    shown = check(member, most)
    response = check(member, "\n".join(["tenant,pattern", *rows]))

    assert (len(steps(shown)), shown.context["left"]) == (SHOWN, MAX_ROWS - SHOWN)
    assert f"and {MAX_ROWS - SHOWN} more" in shown.content.decode()
    assert "cors_import" in response.content.decode()
    assert "more than 5000 rows" in response.content.decode()
    assert "plan" not in fields_of(response)


def test_many_problems_are_counted(member, acme):
    rows = ["acme,https://x.example:443"] * (SHOWN + 3)

    response = check(member, "\n".join(["tenant,pattern", *rows]))

    assert response.context["count"] == SHOWN + 3
    assert "and 3 more" in response.content.decode()


def test_a_correction_is_one_click(member, acme):
    text = "tenant,pattern\nacme,https://ONE.example\nacme,https://two.example:443\n"

    first = check(member, text)
    (_fault, one), (_other, _two) = first.context["problems"]
    second = take(member, first, one)
    ((left, two),) = second.context["problems"]
    third = take(member, second, two)
    done = confirm(member, third)

    assert left.place == "line 3, pattern"
    assert [str(fix) for fix in third.context["fixes"]] == [
        "line 2, pattern: https://ONE.example → https://one.example",
        "line 3, pattern: https://two.example:443 → https://two.example",
    ]
    assert done.status_code == 302
    assert patterns(acme) == {OLD, "https://one.example", "https://two.example"}


def test_all_corrections_are_one_click_too(member, acme):
    text = "tenant,pattern\nacme,https://ONE.example\nacme,https://two.example:443\n"

    shown = take(member, check(member, text), "*")

    assert fields_of(shown)["taken"] == "*"
    assert confirm(member, shown).status_code == 302
    assert patterns(acme) == {OLD, "https://one.example", "https://two.example"}


def test_a_row_with_another_problem_stays_one(member, acme):
    text = document(origins({"pattern": "https://ONE.example", "credentials": "perhaps"}))

    shown = check(member, text)
    named = [name for _fault, name in shown.context["problems"] if name]
    again = take(member, shown, named[0])

    assert len(named) == 1
    assert "the row has another problem" in again.content.decode()
    assert "plan" not in fields_of(again)


@pytest.mark.parametrize(
    "correction",
    [
        pytest.param("somewhere → something", id="of no row"),
        pytest.param("x" * (MAX_TAKEN + 1), id="far too long"),
    ],
)
def test_a_forged_correction_writes_nothing_else(member, acme, correction):
    shown = take(member, check(member, TABLE), correction)

    assert [title for _sign, _kind, title, _fields in steps(shown)] == [NEW]
    assert confirm(member, shown).status_code == 302


REFUSALS = [
    pytest.param(lambda shown: {"plan": ""}, id="no plan"),
    pytest.param(lambda shown: {"plan": fields_of(shown)["plan"] + "x"}, id="a forged plan"),
    pytest.param(lambda shown: {"text": TABLE + "acme,https://x.example\n"}, id="another text"),
    pytest.param(lambda shown: {"prune": "on"}, id="removals that were not shown"),
    pytest.param(lambda shown: {"taken": "*"}, id="corrections that were not shown"),
    pytest.param(lambda shown: {"format": "yaml"}, id="another format"),
]


@pytest.mark.parametrize("change", REFUSALS)
def test_what_was_not_shown_is_not_written(member, acme, change):
    shown = check(member, TABLE)
    before = moves()

    response = confirm(member, shown, **change(shown))

    assert response.status_code == 200
    assert "not the plan that you were shown" in response.content.decode()
    assert moves() == before
    assert patterns(acme) == {OLD}


def test_the_plan_of_another_user_is_shown_anew(member, superuser, acme):
    shown = check(superuser, TABLE)

    refused = confirm(member, shown)
    accepted = confirm(member, refused)

    assert "not the plan that you were shown" in refused.content.decode()
    assert accepted.status_code == 302
    assert Origin.objects.get(pattern=NEW).history.get().history_user.username == "member"


def test_a_plan_that_was_overtaken_is_shown_anew(member, acme):
    shown = check(member, f"tenant,pattern,credentials\nacme,{OLD},true\n", change_reason="x")
    row = acme.origins.get()
    row.note = "meanwhile"
    row.save()
    before = moves()

    refused = confirm(member, shown, change_reason="OPS-8")

    assert "The database has moved meanwhile" in refused.content.decode()
    assert moves() == before
    assert steps(refused)[0][3] == [
        ("credentials", "false", "true"),
        ("note", '"meanwhile"', '""'),
    ]
    assert fields_of(refused)["change_reason"] == "OPS-8"
    assert confirm(member, refused).status_code == 302


def test_r55_a_plan_is_carried_out_once(member, acme):
    shown = check(member, TABLE)

    first, second = confirm(member, shown), confirm(member, shown)

    assert first.status_code == 302
    assert "The database has moved meanwhile" in second.content.decode()
    assert acme.origins.filter(pattern=NEW).count() == 1


def test_who_lost_the_right_meanwhile_is_refused(member, acme, rival):
    TenantMemberFactory(tenant=rival, user__username="other")
    user = TenantMember.objects.get(user__username="member").user
    extra = TenantMemberFactory(tenant=rival, user=user, role="editor")
    shown = check(member, f"tenant,pattern\nrival,{NEW}\n")
    extra.delete()

    response = confirm(member, shown)

    assert response.status_code == 200
    assert problems(response) == [("", "not-permitted")]
    assert patterns(rival) == {"https://app.rival.example"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"tenant,pattern\nrival,{NEW}\n", id="R53 a row of another tenant"),
        pytest.param(f"tenant,pattern\nnobody,{NEW}\n", id="R53 a tenant that does not exist"),
        pytest.param(f"tenant,pattern\nplatform,{NEW}\n", id="R53 the platform"),
        pytest.param(document({"slug": "rival"}), id="R53 nothing but another tenant's name"),
        pytest.param(
            document(origins({"pattern": "http://a.example", "risk_accepted": True})),
            id="R54 an accepted risk",
        ),
        pytest.param(
            document({"slug": "acme", "paths": [{"path": "/x/", "any_origin": True}]}),
            id="R54 any origin",
        ),
        pytest.param(document({"slug": "acme", "hosts": ["rival.example.net"]}), id="R53 a host"),
    ],
)
def test_members_import_only_what_they_may_write(member, acme, rival, text):
    before = moves()

    response = check(member, text)

    assert {code for _place, code in problems(response)} == {"not-permitted"}
    assert "app.rival.example" not in response.content.decode()
    assert confirm(member, response).status_code == 200
    assert moves() == before


def test_r74_the_platform_and_risks_need_their_permissions(editor, superuser, acme, platform):
    risky = document(
        origins({"pattern": "http://a.example", "credentials": True, "risk_accepted": True})
    )
    everybody = f"tenant,pattern\nplatform,{NEW}\n"

    for text in (risky, everybody):
        assert problems(check(editor, text))[0][1] == "not-permitted"
        assert confirm(superuser, check(superuser, text)).status_code == 302
    assert patterns(platform) == {NEW}


def test_permission_for_all_tenants_makes_new_ones(editor):
    shown = check(
        editor, document(origins({"pattern": NEW}, slug="fresh", hosts=["fresh.example"]))
    )

    assert confirm(editor, shown).status_code == 302
    assert Tenant.objects.get(slug="fresh").hosts.get().host == "fresh.example"


def test_a_permission_for_one_kind_alone_opens_the_page_for_that_kind(acme):
    client = log_in(grant(UserFactory(), "view_tenant", "change_origin"))

    changed = check(client, f"tenant,pattern,credentials\nacme,{OLD},true\n")
    added = check(client, TABLE)

    assert steps(changed) == [("~", "origin", OLD, [("credentials", "false", "true")])]
    assert problems(added) == [("", "not-permitted")]


def test_who_may_not_see_tenants_gets_no_page(acme):
    assert log_in(grant(UserFactory(), "change_origin")).get(PAGE).status_code == 403


@pytest.mark.parametrize("person", ["viewer", "outsider"])
def test_r73_who_may_not_write_gets_no_page(request, acme, person, member):
    client = request.getfixturevalue(person)
    plan = fields_of(check(member, TABLE))
    plan.pop("file")
    before = moves()

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {**plan, "apply": "Import this"}).status_code == 403
    assert moves() == before


def test_a_post_from_elsewhere_is_refused(acme):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_superuser=True))

    assert check(client, TABLE).status_code == 403


def test_who_may_write_finds_the_way(member, viewer, acme):
    tenants = reverse("admin:corsadmin_tenant_changelist")

    assert PAGE in member.get(tenants).content.decode()
    assert PAGE not in viewer.get(tenants).content.decode()


def test_what_a_file_holds_is_written_as_text(member, acme):
    response = check(
        member, document(origins({"pattern": NEW, "note": "<script>alert(1)</script>"}))
    )

    assert "<script>alert" not in response.content.decode()
    assert "&lt;script&gt;alert(1)" in response.content.decode()
