"""What another program allows on a route, in the words of a path rule and its origin entries."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Origins = Mapping[str, bool]  # whether each is granted credentials


class CorsPolicy(NamedTuple):
    """A path rule without its path, and its origins."""

    rule: Mapping[str, Any]
    origins: Origins
