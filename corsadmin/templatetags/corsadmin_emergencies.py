"""The tag for the emergency banner, on all pages of the app and the admin's start page."""

from django import template

from corsadmin.admin.emergency.banner import banner

register = template.Library()


@register.inclusion_tag("corsadmin/emergencies.html", takes_context=True)
def corsadmin_emergencies(context: template.Context) -> dict[str, object]:
    """Show the emergencies that are on and that the user may see."""
    return banner(context["request"])
