"""A tag for all pages of the app and for the start page of the admin site."""

from django import template

from corsadmin.admin.emergency.banner import banner

register = template.Library()


@register.inclusion_tag("corsadmin/emergencies.html", takes_context=True)
def corsadmin_emergencies(context: template.Context) -> dict[str, object]:
    """Say which emergencies are on, of those that the page's user may see."""
    return banner(context["request"])
