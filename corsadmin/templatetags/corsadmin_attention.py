"""A tag for the start page of the app."""

from django import template

from corsadmin.admin.dashboard import attention

register = template.Library()


@register.inclusion_tag("corsadmin/attention.html", takes_context=True)
def corsadmin_attention(context: template.Context) -> dict[str, object]:
    """Show what needs attention in the tenants that the page's user may see."""
    return attention(context["request"])
