"""Rows for tests, with sensible defaults: acme and rival are the usual tenants.

Numbers go on from test to test. All are of one length, so that rows sort the same wherever a test
comes, and no name begins another one.
"""

import factory
from django.contrib.auth import get_user_model

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember, generation


class TenantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tenant
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda number: f"tenant-{number:06}")
    name = factory.LazyAttribute(lambda row: row.slug.title())


class TenantHostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TenantHost

    tenant = factory.SubFactory(TenantFactory)
    host = factory.LazyAttribute(lambda row: f"{row.tenant.slug}.example.net")


class PathRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PathRule

    tenant = factory.SubFactory(TenantFactory)
    path = "/api/"


class OriginFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Origin

    tenant = factory.SubFactory(TenantFactory)
    pattern = factory.Sequence(lambda number: f"https://app-{number:06}.example.com")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user-{number:06}")
    password = factory.django.Password("secret")
    is_staff = True


class TenantMemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TenantMember

    tenant = factory.SubFactory(TenantFactory)
    user = factory.SubFactory(UserFactory)


def make_site(slug="acme", *, origins=(), paths=None, **tenant):
    """Return a tenant with the host `<slug>.example.net`, plain origins and one rule on /api/.

    `origins` are patterns or dicts of Origin fields, `paths` dicts of PathRule fields. All of it is
    one change, as a file's or a page's would be, for a change of its own costs more than a row.
    """
    with generation.change():
        row = TenantFactory(slug=slug, **tenant)
        TenantHostFactory(tenant=row)
        for origin in origins:
            fields = origin if isinstance(origin, dict) else {"pattern": origin}
            OriginFactory(tenant=row, **fields)
        for path in [{}] if paths is None else paths:
            PathRuleFactory(tenant=row, **path)
    return row
