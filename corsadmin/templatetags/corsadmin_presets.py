"""A tag for the pages on which a path rule is edited."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from corsadmin.presets import PRESETS

register = template.Library()


@register.simple_tag
def corsadmin_presets() -> SafeString:
    """Give admin.js the lists of all presets, and what is worth knowing about them."""
    given = {key: {"lists": found.lists, "note": found.note} for key, found in PRESETS.items()}
    return json_script(given, "corsadmin-presets")
