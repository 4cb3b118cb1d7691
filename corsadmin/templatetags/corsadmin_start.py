"""A tag for the start page of the app."""

from django import template

from corsadmin.admin.dashboard.start import start_page

register = template.Library()


@register.inclusion_tag("corsadmin/start.html", takes_context=True)
def corsadmin_start(context: template.Context) -> dict[str, object]:
    """Show the cards and pictures of the tenants that the page's user may see."""
    return start_page(context["request"])
