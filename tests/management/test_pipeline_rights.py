"""The commands of pipelines act as a user: what the admin would refuse, they refuse too."""

import pytest
from django.db import DatabaseError, connection

from corsadmin.models import Tenant, TenantMember
from tests.factories import TenantMemberFactory, UserFactory, make_site
from tests.management.entries import PREVIEW, allow, entries, run
from tests.messages.screens import filled, text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site():
    return make_site("acme")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        pytest.param(TenantMember.Role.EDITOR, 0, id="an editor"),
        pytest.param(TenantMember.Role.VIEWER, 1, id="a viewer"),
    ],
)
def test_a_member_allows_in_their_own_tenant(site, role, status):
    user = TenantMemberFactory(tenant=site, role=role).user

    assert allow("--user", user.username)[0] == status
    assert len(entries()) == (status == 0)


@pytest.mark.parametrize("command", ["cors_allow", "cors_revoke"])
def test_a_tenant_that_a_user_may_not_see_answers_as_one_that_does_not_exist(command):
    rival = make_site("rival", origins=[PREVIEW])
    user = TenantMemberFactory(role=TenantMember.Role.EDITOR).user
    end = ["--no-end"] if command == "cors_allow" else []

    def answer(slug):
        code, printed, said = run(command, *end, "--user", user.username, tenant=slug)
        return code, printed, said.replace(slug, "…")

    assert answer("rival") == answer("nobody") == answer("platform")
    assert answer("rival")[0] == 1
    assert rival.origins.get().made_by == ""


@pytest.mark.parametrize("arguments", [[], ["--user", "root"]], ids=["nobody", "who sees all"])
def test_an_unknown_tenant_is_named_to_who_sees_all(arguments):
    UserFactory(username="root", is_superuser=True)

    said, ending = filled("command-tenant-unknown", slug="nobody"), text("command-nothing-written")
    assert allow(*arguments, tenant="nobody")[::2] == (1, f"{said} [tenant-unknown]\n{ending}")


def test_the_platform_needs_its_own_permission():
    user = TenantMemberFactory(tenant=Tenant.objects.platform(), role=TenantMember.Role.EDITOR).user

    assert allow("--user", user.username, tenant="platform")[0] == 1
    assert allow(tenant="platform")[0] == 0


def test_an_unknown_user_is_refused():
    assert allow("--user", "nobody")[::2] == (1, filled("command-no-user", name="nobody"))


def test_a_database_that_fails_ends_in_a_sentence():
    def fail(*_arguments):
        message = "connection\nlost"
        raise DatabaseError(message)

    with connection.execute_wrapper(fail):
        code, _printed, said = allow()

    assert (code, said) == (1, filled("command-database-failed", reason="connection lost"))
