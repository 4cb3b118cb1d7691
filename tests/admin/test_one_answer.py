"""A refusal is the same whether what was asked for exists or not."""

import json
import re

import pytest
from django.urls import reverse

from corsadmin.models import Origin, TenantHost
from tests.admin.conftest import grant, log_in
from tests.admin.doors import run, saved, undone
from tests.admin.forms import errors_of, submit
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)

TENANTS = "/admin/corsadmin/tenant/"
# What each person may do; the editor and the viewer are members of acme.
PEOPLE = {
    "editor": [],
    "viewer": [],
    "changes origins": ["view_tenant", "add_origin", "change_origin"],
    "sees hosts": ["view_tenant", "view_tenanthost", "add_origin", "change_origin"],
    "changes origins alone": ["add_origin", "change_origin"],
    "changes tenants": ["change_tenant", "change_origin"],
    "looks at tenants": ["view_tenant"],
    "looks at origins": ["view_origin"],
}


def document(**keys):
    return json.dumps({"version": 1, "tenants": [{"slug": "acme", **keys}]})


# What exists, or not, while a door is asked.
THINGS = {
    "host": lambda: TenantHostFactory(tenant=TenantFactory(slug="rival"), host="taken.example"),
    "own host": lambda: TenantHostFactory(tenant=TenantFactory(slug="acme"), host="taken.example"),
    "tenant": lambda: TenantFactory(slug="taken", name=""),
    "rule": lambda: PathRuleFactory(tenant=TenantFactory(slug="acme"), path="/taken/"),
    "origin": lambda: OriginFactory(
        tenant=TenantFactory(slug="rival"), pattern="https://taken.example"
    ),
    "member": lambda: TenantMemberFactory(
        tenant=TenantFactory(slug="acme"), user=UserFactory(username="taken")
    ),
}
HOSTS = document(hosts=["acme.example.net", "taken.example"])
RULES = document(paths=[{"path": "/taken/"}])
TAKEN = json.dumps({"version": 1, "tenants": [{"slug": "taken", "origins": []}]})
TABLE = "tenant,pattern\ntaken,https://a.example\n"
ADD_HOST = {"hosts-TOTAL_FORMS": "1", "hosts-INITIAL_FORMS": "0", "hosts-0-host": "taken.example"}

# A door: the thing, the person, and what is asked: a page (GET), a form (POST) or a command.
PAGES = [
    ("host", "editor", "get", "{tenants}?q=taken.example", None),
    ("host", "editor", "get", "{tenants}../tenanthost/?q=taken.example", None),
    ("host", "editor", "get", "{tenants}try/?url=https://taken.example/&origin=https://a.b", None),
    ("host", "editor", "post", "{tenants}../tenanthost/add/", {"host": "taken.example"}),
    ("host", "editor", "post", "{acme}change/", ADD_HOST),
    ("host", "editor", "post", "{tenants}import/", {"text": HOSTS}),
    ("host", "editor", "post", "{tenants}import/", {"text": HOSTS, "prune": "on"}),
    ("host", "sees hosts", "post", "{tenants}import/", {"text": HOSTS}),
    ("host", "changes origins", "post", "{tenants}import/", {"text": HOSTS}),
    ("own host", "changes origins", "post", "{tenants}import/", {"text": HOSTS}),
    ("own host", "changes origins", "post", "{tenants}import/", {"text": HOSTS, "prune": "on"}),
    (
        "own host",
        "changes tenants",
        "post",
        "{tenants}import/",
        {"text": document(), "prune": "on"},
    ),
    ("host", "looks at tenants", "get", "{tenants}?q=taken.example", None),
    ("own host", "looks at tenants", "get", "{tenants}?hosts__isnull=False", None),
    ("own host", "looks at tenants", "get", "{tenants}", None),
    ("own host", "looks at tenants", "get", "{acme}change/", None),
    ("rule", "changes origins", "post", "{tenants}import/", {"text": RULES}),
    ("rule", "looks at tenants", "get", "{tenants}?paths__isnull=False", None),
    ("rule", "looks at tenants", "get", "{acme}change/", None),
    ("tenant", "editor", "post", "{tenants}import/", {"text": TAKEN}),
    ("tenant", "editor", "post", "{tenants}import/", {"text": TABLE, "format": "csv"}),
    ("tenant", "editor", "post", "{acme}change/", {"slug": "taken"}),
    ("tenant", "editor", "post", "{tenants}add/", {"slug": "taken"}),
    ("tenant", "editor", "get", "{tenants}?q=taken", None),
    ("tenant", "looks at origins", "get", "{tenants}../origin/?q=taken", None),
    ("origin", "editor", "get", "{tenants}../origin/?q=https://taken.example", None),
    ("origin", "editor", "post", "{acme}paste/", {"lines": "https://taken.example"}),
    ("member", "editor", "get", "{tenants}../tenantmember/?q=taken", None),
    ("member", "editor", "get", "{acme}timeline/", None),
    ("member", "viewer", "get", "{tenants}?members__isnull=False", None),
]
COMMANDS = [
    ("host", "editor", ["cors_import"], HOSTS),
    ("host", "editor", ["cors_sync", "--dry-run"], HOSTS),
    ("host", "sees hosts", ["cors_import", "--dry-run"], HOSTS),
    ("own host", "changes origins", ["cors_import", "--prune", "--dry-run"], HOSTS),
    ("own host", "changes tenants", ["cors_sync", "--check"], document()),
    ("rule", "changes origins", ["cors_sync", "--dry-run"], RULES),
    ("tenant", "editor", ["cors_import", "--dry-run"], TAKEN),
    ("tenant", "changes origins alone", ["cors_import", "--dry-run"], TAKEN),
    ("tenant", "editor", ["cors_export", "--tenant", "taken"], ""),
    ("tenant", "changes origins alone", ["cors_export", "--tenant", "taken"], ""),
]


@pytest.fixture
def people(acme):
    def person(name):
        user = grant(UserFactory(), *PEOPLE[name])
        if name in ("editor", "viewer"):
            TenantMemberFactory(tenant=acme, user=user, role=name)
        return user

    return person


def both(thing, ask):
    """Return what a door says where a thing exists, and where it does not."""
    said = []
    for make in (THINGS[thing], lambda: None):
        with undone():
            make()
            said.append(ask())
    return said


def plain(response):
    """Return an answer without what each page has of its own: tokens, a version, a plan's time."""
    text = response.content.decode()
    text = re.sub(r'name="(csrfmiddlewaretoken|version)" value="[^"]*"', "", text)
    return response.status_code, response.headers.get("Location"), text


@pytest.mark.parametrize(
    "door",
    PAGES,
    ids=[f"{door[0]}, {door[1]}: {door[2]} {door[3]} {' '.join(door[4] or ())}" for door in PAGES],
)
def test_a_page_gives_one_answer(acme, people, door):
    thing, name, method, address, sent = door
    client = log_in(people(name))
    page = address.format(tenants=TENANTS, acme=f"{TENANTS}{acme.pk}/").replace("tenant/../", "")

    there, nowhere = both(thing, lambda: plain(getattr(client, method)(page, sent)))

    assert there == nowhere


@pytest.mark.parametrize(
    "door", COMMANDS, ids=[f"{door[0]}, {door[1]}: {' '.join(door[2])}" for door in COMMANDS]
)
def test_a_command_gives_one_answer(acme, tmp_path, people, door):
    thing, name, (command, *options), content = door
    user = people(name)
    file = [saved(tmp_path, content)] if content else []

    there, nowhere = both(thing, lambda: run(command, [*file, *options], user))

    assert there == nowhere


ADDED = {
    "a host": ("tenanthost", {"host": "rival.example.net"}, "This host cannot be added."),
    "an origin": (
        "origin",
        {"pattern": "https://app.acme.example"},
        "This origin cannot be added.",
    ),
    "a path rule": ("pathrule", {"path": "/api/"}, "This path rule cannot be added."),
}


@pytest.mark.parametrize(("model", "given", "said"), ADDED.values(), ids=ADDED)
def test_who_adds_without_a_view_reads_no_more_than_that_it_cannot_be(
    acme, rival, model, given, said
):
    client = log_in(grant(UserFactory(), "view_tenant", f"add_{model}"))

    response = submit(client, reverse(f"admin:corsadmin_{model}_add"), {"tenant": acme.pk, **given})

    assert errors_of(response) == [said]


def test_who_adds_tenants_without_a_view_reads_no_more_than_that_it_cannot_be(acme):
    client = log_in(grant(UserFactory(), "add_tenant"))

    response = submit(client, reverse("admin:corsadmin_tenant_add"), {"slug": "acme"})

    assert errors_of(response) == ["This tenant cannot be added."]


def test_who_sees_the_row_in_the_way_is_told_of_it(editor, acme, rival):
    page = reverse("admin:corsadmin_tenanthost_add")

    response = submit(editor, page, {"tenant": acme.pk, "host": "rival.example.net"})

    assert errors_of(response) == ["Host with this Host already exists."]


def test_pasted_lines_that_are_there_cannot_be_added_without_a_view(acme):
    client = log_in(grant(UserFactory(), "view_tenant", "add_origin"))

    response = client.post(
        reverse("admin:corsadmin_tenant_paste", args=[acme.pk]),
        {"lines": "https://app.acme.example\nhttps://new.example"},
    )

    assert [line.messages for line in response.context["lines"]] == [
        ["This origin cannot be added."],
        [],
    ]


def test_copies_that_are_there_cannot_be_added_without_a_view(acme, rival):
    user = grant(UserFactory(), "view_tenant", "add_origin", "delete_origin")
    TenantMemberFactory(tenant=acme, user=user, role="viewer")
    entry = acme.origins.get()
    OriginFactory(tenant=rival, pattern=entry.pattern)

    response = log_in(user).post(
        reverse("admin:corsadmin_origin_changelist"),
        {
            "action": "copy_to_tenants",
            "_selected_action": [entry.pk],
            "tenants": [rival.pk],
            "check": "Check",
        },
    )

    assert [copy.message for copy in response.context_data["copies"]] == [
        "This origin cannot be added."
    ]


def test_a_row_that_is_elsewhere_now_cannot_be_put_back_by_those_who_do_not_see_it(
    member, acme, rival, clock
):
    clock()
    entry = acme.origins.get()
    before = clock()
    Origin.objects.filter(pk=entry.pk).update(tenant=rival)

    page = reverse("admin:corsadmin_tenant_restore", args=[acme.pk])
    response = member.get(page, {"before": before.isoformat()})

    assert [move.forbidden for move in response.context["moves"]] == [
        "This origin cannot be added."
    ]


IMPORTS = {
    "another tenant's host": ({"hosts": ["rival.example.net"]}, ["cannot-be-added"]),
    "the tenant's own host": ({"hosts": ["acme.example.net"]}, ["cannot-be-added"]),
    "nobody's host": ({"hosts": ["new.example"]}, []),
    "a rule that is there": ({"paths": [{"path": "/api/"}]}, ["cannot-be-added"]),
    "a new rule": ({"paths": [{"path": "/new/"}]}, []),
}


@pytest.mark.parametrize(("keys", "codes"), IMPORTS.values(), ids=IMPORTS)
def test_an_import_of_rows_that_are_there_without_a_view(acme, rival, keys, codes):
    permissions = ("change_tenant", "change_origin", "add_tenanthost", "add_pathrule")
    client = log_in(grant(UserFactory(), *permissions))

    response = client.post(f"{TENANTS}import/", {"text": document(name="Acme", **keys)})

    found = response.context.get("problems", ())
    assert [fault.code for fault, _correction in found] == codes
    assert "rival" not in response.content.decode().replace("rival.example.net", "")


MOVES = {
    "who may add and see hosts": (
        ["view_tenanthost", "add_tenanthost"],
        ["change hosts of acme (1)"],
    ),
    "who may change hosts": (["change_tenanthost"], []),
}


@pytest.mark.parametrize(("codenames", "said"), MOVES.values(), ids=MOVES)
def test_a_host_goes_to_another_tenant_of_the_file_for(acme, rival, codenames, said):
    user = grant(UserFactory(), "change_origin", *codenames)
    for tenant in (acme, rival):
        TenantMemberFactory(tenant=tenant, user=user, role="editor")
    tenants = [
        {"slug": "acme", "name": "Acme", "hosts": ["rival.example.net"]},
        {"slug": "rival", "name": "Rival"},
    ]

    response = log_in(user).post(
        f"{TENANTS}import/", {"text": json.dumps({"version": 1, "tenants": tenants})}
    )

    found = response.context.get("problems", ())
    assert [fault.value for fault, _correction in found] == said
    assert TenantHost.objects.filter(tenant=rival).count() == 1


def test_findings_of_two_kinds_are_for_those_who_see_both(db):
    make_site("bare", origins=["https://a.example"], paths=[], inherits_platform=False)
    for more, shown in (([], False), (["view_pathrule", "view_origin"], True)):
        client = log_in(grant(UserFactory(), "view_tenant", *more))

        text = client.get("/admin/corsadmin/").content.decode()

        assert ("no enabled rule" in text) == shown
