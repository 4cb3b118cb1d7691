"""How many rows a tenant has, counted by the query that reads the tenant."""

from django.db.models import Count, IntegerField, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce


def counted(model: type[Model]) -> Coalesce:
    """Return a subquery that counts a tenant's rows. A page runs it only for the tenants it shows."""
    rows = model._default_manager.filter(tenant=OuterRef("pk")).order_by().values("tenant")
    number = Subquery(rows.annotate(number=Count("pk")).values("number"))
    return Coalesce(number, 0, output_field=IntegerField())
