"""The tag for pages that edit path rules."""

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from corsadmin.presets import PRESETS

register = template.Library()


@register.simple_tag
def corsadmin_presets() -> SafeString:
    """Pass the lists and notes of all presets to admin.js."""
    given = {key: {"lists": found.lists, "note": found.note} for key, found in PRESETS.items()}
    return json_script(given, "corsadmin-presets")
