"""How many rows a tenant holds, counted by the query that reads the tenant."""

from django.db.models import Count, IntegerField, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce


def counted(model: type[Model]) -> Coalesce:
    """Return the number of a tenant's rows as a subquery, which a page asks for its rows only."""
    rows = model._default_manager.filter(tenant=OuterRef("pk")).order_by().values("tenant")
    number = Subquery(rows.annotate(number=Count("pk")).values("number"))
    return Coalesce(number, 0, output_field=IntegerField())
