"""What another program allows on a route, in the fields of a path rule and its origin entries."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Origins = Mapping[str, bool]  # patterns, and whether each gets credentials


class CorsPolicy(NamedTuple):
    """A path rule without its path, and its origins."""

    rule: Mapping[str, Any]
    origins: Origins
