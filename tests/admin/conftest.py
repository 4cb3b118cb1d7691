"""The people of every admin test, each with a client, and hours for what they change."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.template.base import Template
from django.test import Client

from corsadmin.models import (
    Emergency,
    EntrySeen,
    Origin,
    PathRule,
    RuleNames,
    Tenant,
    TenantHost,
    Traffic,
)
from tests.admin.callers import ago
from tests.admin.unused import day
from tests.factories import (
    OriginFactory,
    PathRuleFactory,
    TenantMemberFactory,
    UserFactory,
    make_site,
)

ROW_PERMISSIONS = [
    f"{action}_{model}"
    for model in ("tenant", "tenanthost", "pathrule", "origin")
    for action in ("add", "change", "delete", "view")
]

# Django's templates of widgets, fields and inlines.
PARTS = ("django/forms/", "admin/edit_inline/", "admin/includes/", "admin/widgets/")


def grant(user, *codenames):
    rows = Permission.objects.filter(content_type__app_label="corsadmin", codename__in=codenames)

    assert len(rows) == len(set(codenames))
    user.user_permissions.add(*rows)
    return user


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="session", autouse=True)
def unrecorded_parts(django_test_environment):
    """Keep the parts of Django's pages out of `response.context`, which copies it for each of them.

    The page of a tenant has some four hundred, and a thirteenth of its time goes into the copies.
    """
    recorded = vars(Template)["_render"]

    def render(template, context):
        if (template.name or "").startswith(PARTS):
            return template.nodelist.render(context)
        return recorded(template, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture(autouse=True)
def admin_alone(settings):
    """Ask the admin without the CORS middleware, which reads all policies with each request here.

    In production it reads what has changed; in a test's transaction nothing is committed.
    """
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "corsadmin" not in name]


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
        for model in (Tenant, TenantHost, PathRule, Origin, Emergency):
            model.history.filter(history_date__gte=today).update(history_date=moment)
        return moment

    return tick


@pytest.fixture
def recorded(db):
    """Recording has gone on for 400 days."""
    Traffic.objects.create(outcome="no-tenant", hour=ago(days=400), calls=1)


@pytest.fixture
def old(acme, recorded):
    """The tenant acme, whose only origin and rule were used today, with unused ones beside them."""
    acme_entry, rule = acme.origins.get(), acme.paths.get()
    OriginFactory(tenant=acme, pattern="https://unused.example", note="=1+1")
    OriginFactory(tenant=acme, pattern="https://*.seldom.example")
    PathRuleFactory(tenant=acme, path="/unused/")
    for model in (Origin, PathRule, Tenant):
        model.objects.update(created=ago(days=380))
    EntrySeen.objects.create(entry=acme_entry, first_day=day(300), last_day=day(0))
    EntrySeen.objects.create(
        entry=Origin.objects.get(pattern="https://*.seldom.example"),
        first_day=day(300),
        last_day=day(100),
        calls=7,
    )
    RuleNames.objects.create(tenant=acme, rule=rule.path, first_day=day(300), last_day=day(0))
    return acme


@pytest.fixture
def ops(member, acme):
    """Edits acme, and may switch its emergency."""
    grant(acme.members.get(role="editor").user, "emergency")
    return member


@pytest.fixture
def stopped(acme, platform, rival):
    """All three are on."""
    for tenant in (acme, rival, platform):
        Emergency.objects.create(tenant=tenant, reason=f"why {tenant.slug}")
