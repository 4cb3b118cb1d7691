"""Let narrow columns break origins, hosts and paths between their parts, not inside a word."""

import re
from typing import Final

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

_PART: Final = re.compile(r"[./]*[^./]+[./]*|[./]+")
_MAY_BREAK: Final = SafeString("<wbr>")


def breakable(text: str) -> SafeString:
    """Return a text that may break after its dots and slashes. Copying it yields the same text."""
    return format_html_join(_MAY_BREAK, "{}", ((part,) for part in _PART.findall(text)))
