"""Echo what a preflight requests, where a star allows a listed origin to request anything.

Fetch, "CORS protocol and credentials": with credentials a star is a name like any other. So the
response names the requested method and headers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from corsadmin.engine.headers import ACAH, ACAM

_STAR = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """The named methods and headers of a rule with credentials, and which of the two echo."""

    methods: tuple[str, ...]
    names: tuple[str, ...]
    echoes_method: bool
    echoes_names: bool

    def pairs(self, method: str, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return the response headers for a method and header names that the rule allows.

        The rule's own names come first, then the other requested ones, each once. The result is
        bounded, because requests are.
        """
        methods, allowed = self.methods, self.names
        if self.echoes_method and method not in methods:
            methods = (*methods, method)
        if self.echoes_names:
            allowed = tuple(dict.fromkeys((*allowed, *names)))
        listed = ((ACAM, methods), (ACAH, allowed))
        return tuple((header, ", ".join(values)) for header, values in listed if values)


def echo_of(methods: Iterable[str], names: Iterable[str]) -> Echo | None:
    """Return how a rule with credentials echoes, None if it has no star."""
    methods, names = tuple(methods), tuple(names)
    if _STAR not in methods and _STAR not in names:
        return None
    return Echo(
        methods=tuple(method for method in methods if method != _STAR),
        names=tuple(name for name in names if name != _STAR),
        echoes_method=_STAR in methods,
        echoes_names=_STAR in names,
    )
