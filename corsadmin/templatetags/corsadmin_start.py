"""The tag for the app's start page."""

from django import template

from corsadmin.admin.dashboard.start import start_page

register = template.Library()


@register.inclusion_tag("corsadmin/start.html", takes_context=True)
def corsadmin_start(context: template.Context) -> dict[str, object]:
    """Show the cards and charts of the tenants that the user may see."""
    return start_page(context["request"])
