"""The people of every admin test, each with a client, and hours for what they change."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from corsadmin.models import Origin, PathRule, Tenant, TenantHost
from tests.factories import TenantMemberFactory, UserFactory, make_site

ROW_PERMISSIONS = [
    f"{action}_{model}"
    for model in ("tenant", "tenanthost", "pathrule", "origin")
    for action in ("add", "change", "delete", "view")
]


def grant(user, *codenames):
    rows = Permission.objects.filter(content_type__app_label="corsadmin", codename__in=codenames)

    assert len(rows) == len(set(codenames))
    user.user_permissions.add(*rows)
    return user


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def acme(db):
    return make_site("acme", origins=["https://app.acme.example"])


@pytest.fixture
def rival(db):
    return make_site("rival", origins=["https://app.rival.example"])


@pytest.fixture
def superuser(db):
    return log_in(UserFactory(username="superuser", is_superuser=True))


@pytest.fixture
def editor(db):
    """Writes all tenants' rows, but neither the platform's nor dangerous ones."""
    return log_in(grant(UserFactory(username="editor"), *ROW_PERMISSIONS))


@pytest.fixture
def member(acme):
    """Edits acme and nothing else."""
    user = UserFactory(username="member")
    TenantMemberFactory(tenant=acme, user=user, role="editor")
    return log_in(user)


@pytest.fixture
def viewer(acme):
    """Looks at acme and nothing else."""
    user = UserFactory(username="viewer")
    TenantMemberFactory(tenant=acme, user=user, role="viewer")
    return log_in(user)


@pytest.fixture
def outsider(db):
    """Is staff, and has nothing to do with these policies."""
    return log_in(UserFactory(username="outsider"))


@pytest.fixture
def platform(db):
    return Tenant.objects.platform()


@pytest.fixture
def clock(db):
    """Give the changes since the last call an hour of their own, and return it."""
    hours = iter(range(24))
    today = datetime(2026, 1, 3, tzinfo=UTC)

    def tick():
        moment = datetime(2026, 1, 2, next(hours), tzinfo=UTC)
        for model in (Tenant, TenantHost, PathRule, Origin):
            model.history.filter(history_date__gte=today).update(history_date=moment)
        return moment

    return tick
