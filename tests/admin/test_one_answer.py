"""A refusal is the same whether what was asked for exists or not."""

import json
import re

import pytest

from tests.admin.command_doors import run, saved
from tests.admin.conftest import grant, log_in
from tests.admin.doors import undone
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantFactory,
    TenantHostFactory,
    TenantMemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.slow

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
ROLES = {"editor", "viewer"}


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
    ("member", "editor", "get", "{acme}history/", None),
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
        for role in ROLES & {name}:
            TenantMemberFactory(tenant=acme, user=user, role=role)
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


@pytest.mark.sweep
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


@pytest.mark.sweep
@pytest.mark.parametrize(
    "door", COMMANDS, ids=[f"{door[0]}, {door[1]}: {' '.join(door[2])}" for door in COMMANDS]
)
def test_a_command_gives_one_answer(acme, tmp_path, people, door):
    thing, name, (command, *options), content = door
    user = people(name)
    file = [saved(tmp_path, content)] if content else []

    there, nowhere = both(thing, lambda: run(command, [*file, *options], user))

    assert there == nowhere
