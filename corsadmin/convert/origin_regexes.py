"""Write an origin pattern as a regular expression of another program."""

from collections.abc import Callable
from typing import Final

from corsadmin.engine.origins import parse_pattern

LABELS: Final = "(?:[a-z0-9_-]+\\.)+"
PART_OF_LABEL: Final = "[a-z0-9_-]+"
ANY_HOST: Final = "[A-Za-z0-9._~-]+"
ANY_PORT: Final = "(?::[0-9]+)?"


def origin_regex(text: str, quoted: Callable[[str], str]) -> str:
    """Return the regex of a valid pattern, without anchors; `quoted` escapes a literal text."""
    pattern = parse_pattern(text)
    host = ANY_HOST if pattern.any_host else quoted(pattern.host)
    if pattern.label:
        parts = PART_OF_LABEL.join(map(quoted, pattern.label.split("*")))
        host = f"{parts}{quoted('.')}{host}"
    labels = LABELS if pattern.subdomains else ""
    port = {"": "", "*": ANY_PORT}.get(pattern.port, f":{pattern.port}")
    return f"{quoted(pattern.scheme)}://{labels}{host}{port}"
