"""No door shows a text of a row whose model its user may not look at.

Permissions to look at two kinds of rows, all but one model's view, and the permissions that do not
show rows ask every door: pages, actions and commands. Searches and filters are asked with the one permission
that opens their list.
"""

import logging
from itertools import product

import pytest
from django.urls import reverse

from corsadmin.models import TenantHost
from tests.admin.command_doors import COMMANDS, commands, run, saved
from tests.admin.conftest import grant, log_in
from tests.admin.doors import ask, requests_to
from tests.admin.world import MARKS, MODELS, World
from tests.factories import (
    OriginFactory,
    TenantFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)

# Some four hundred requests for each of the users.
pytestmark = pytest.mark.slow

NAMES = [model._meta.model_name for model in MODELS]
ALL = [
    f"{action}_{model._meta.model_name}"
    for model in MODELS
    for action in model._meta.default_permissions
]
SPECIAL = [
    "change_platform",
    "accept_risk",
    "allow_any_origin",
    "dismiss_sighting",
    "emergency",
    "probe_servers",
]
HISTORY = [
    f"{action}_historical{model._meta.model_name}"
    for model, action in product(MODELS, ("view", "add", "change", "delete"))
    if hasattr(model, "history")
]
# Pages that show rows of these need the view of none of the others, so one person lacks them all.
LONERS = ("tenantmember", "unknownhost")
# Who may look at two kinds of rows is shown no third one; that neither shows the other is asked of
# those who lack one view alone.
PAIRS = (
    ("tenant", "origin"),
    ("pathrule", "tenanthost"),
    ("sighting", "unknownhost"),
    ("tenantmember", "sighting"),
)
# Changing rows includes viewing them: people without the view of one kind may change all others.
PEOPLE = {
    **{f"view_{one} and view_{other}": [f"view_{one}", f"view_{other}"] for one, other in PAIRS},
    **{
        f"all but the view of {' and '.join(map(str, names))}": [
            *SPECIAL,
            *HISTORY,
            *sorted({*ALL} - {f"{action}_{one}" for one in names for action in ("view", "change")}),
        ]
        for names in (*((name,) for name in NAMES if name not in LONERS), LONERS)
    },
    "looks at tenants, adds and deletes all": [
        "view_tenant",
        *(one for one in ALL if one.startswith(("add_", "delete_"))),
    ],
    # These show no row, of no model: they can be asked for together.
    "all that shows no row": [
        *SPECIAL,
        *HISTORY,
        *(one for one in ALL if one.startswith(("add_", "delete_"))),
    ],
}


@pytest.fixture(autouse=True)
def silent():
    """Do not log each page that is refused, as most are."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def unseen(codenames):
    """Return the marks of the models at which nobody with these permissions may look."""
    return {
        mark
        for model, mark in MARKS.items()
        if not {f"{action}_{model._meta.model_name}" for action in ("view", "change")}
        & set(codenames)
    }


def leaks(user, world, marks, folder):
    """Return (door, mark) for every mark that some door shows."""
    client = log_in(user)
    found = set()
    for door, method, address, fields in requests_to(world):
        text = ask(client, method, address, fields)
        found |= {(method, door, fields.get("action"), mark) for mark in marks if mark in text}
    file = saved(folder, world.document)
    for name in commands():
        for arguments in COMMANDS[name](file):
            text = run(name, arguments, user).lower()
            found |= {(name, *arguments[1:], mark) for mark in marks if mark in text}
    return found


@pytest.mark.sweep
@pytest.mark.parametrize("codenames", PEOPLE.values(), ids=PEOPLE)
def test_nothing_of_a_model_is_shown_without_its_view(db, tmp_path, codenames):
    user = grant(UserFactory(username="somebody"), *codenames)

    assert leaks(user, World(), unseen(codenames), tmp_path) == set()


def test_members_are_shown_nothing_of_other_tenants_at_any_door(db, tmp_path):
    """An editor passes each door that a viewer passes; test_leaks.py asks for both."""
    world = World()
    user = UserFactory(username="somebody")
    TenantMemberFactory(tenant=make_site("own"), user=user, role="editor")

    assert leaks(user, world, set(MARKS.values()), tmp_path) == set()


def test_somebody_who_sees_everything_meets_every_mark(db, tmp_path):
    """The doors show what is asked for, so that silence means something."""
    user = UserFactory(username="somebody", is_superuser=True)

    assert {found[-1] for found in leaks(user, World(), set(MARKS.values()), tmp_path)} == set(
        MARKS.values()
    )


# What finds something only by rows at which somebody may not look: (permissions, list, query).
ORACLES = {
    "tenants by a host": (["view_tenant"], "tenant", "q={host}"),
    "tenants by the key of an origin": (["view_tenant"], "tenant", "origins={origin}"),
    "tenants that have a path rule": (["view_tenant"], "tenant", "paths__isnull=False"),
    "tenants by what callers did": (["view_tenant"], "tenant", "sightings__isnull=False"),
    "tenants by what was dismissed": (["view_tenant"], "tenant", "dismissals__isnull=False"),
    "origins by their use": (["view_origin"], "origin", "seen__isnull=False"),
    "origins by the filter of their use": (["view_origin"], "origin", "seen=90"),
    "tenants by the key of a member": (["view_tenant"], "tenant", "members={member}"),
    "origins by a tenant's name": (["view_origin"], "origin", "q=zzowner"),
    "origins by a tenant": (["view_origin"], "origin", "tenant__exact={tenant}"),
    "path rules by a tenant's slug": (["view_pathrule"], "pathrule", "q=zzowner-two"),
    "hosts by a tenant's name": (["view_tenanthost"], "tenanthost", "q=zzowner"),
    "members by a tenant's name": (["view_tenantmember"], "tenantmember", "q=zzowner"),
}


@pytest.mark.sweep
@pytest.mark.parametrize(("codenames", "model", "query"), ORACLES.values(), ids=ORACLES)
def test_no_search_and_no_filter_finds_rows_by_what_one_may_not_look_at(
    db, codenames, model, query
):
    world = World()
    client = log_in(grant(UserFactory(), *codenames))
    asked = query.format(
        host=TenantHost.objects.filter(tenant=world.other).get().host,
        origin=world.other.origins.first().pk,
        member=world.other.members.get().pk,
        tenant=world.other.pk,
    )

    response = client.get(reverse(f"admin:corsadmin_{model}_changelist") + f"?{asked}", follow=True)

    assert response.status_code == 400 or not response.context["cl"].result_list


def test_a_column_of_tenants_is_shown_to_those_who_see_them_all(db):
    world = World()
    shown = ask(
        log_in(grant(UserFactory(), "view_origin", "view_tenant")),
        "get",
        reverse("admin:corsadmin_origin_changelist"),
        {},
    )
    mixed = grant(UserFactory(), "view_origin")
    TenantMemberFactory(tenant=world.acme, user=mixed, role="viewer")
    hidden = ask(log_in(mixed), "get", reverse("admin:corsadmin_origin_changelist"), {})

    assert "zzowner" in shown
    assert "zzowner" not in hidden


COMPARED = {
    "origins without a rule": ("tenant-without-rule", ["view_pathrule", "view_origin"]),
    "a platform that no request meets": (
        "platform-without-host",
        ["view_pathrule", "view_origin", "view_tenanthost"],
    ),
}


@pytest.mark.parametrize(("code", "kinds"), COMPARED.values(), ids=COMPARED)
def test_a_finding_that_compares_kinds_is_for_those_who_see_them_all(db, code, kinds):
    make_site("bare", origins=["https://a.example"], paths=[], inherits_platform=False)
    OriginFactory(tenant=TenantFactory(slug="platform"))
    for more in (kinds[:0], kinds[:-1], kinds):
        client = log_in(grant(UserFactory(), "view_tenant", *more))

        found = client.get("/admin/corsadmin/").context["review"].findings

        assert (code in {finding.code for finding in found}) == (more == kinds)
