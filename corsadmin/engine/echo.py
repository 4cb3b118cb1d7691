"""What the answer to a preflight names where a star stands for what a listed origin asks for.

Fetch, "CORS protocol and credentials": with credentials a star is a name like any other. So the
answer names the method and the headers that were asked.
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
        """Return the headers that allow a method and header names, which were found allowed.

        What is named comes first, then what was asked besides, each once: it is as bounded as what
        may be asked.
        """
        methods, allowed = self.methods, self.names
        if self.echoes_method and method not in methods:
            methods = (*methods, method)
        if self.echoes_names:
            allowed = tuple(dict.fromkeys((*allowed, *names)))
        listed = ((ACAM, methods), (ACAH, allowed))
        return tuple((header, ", ".join(values)) for header, values in listed if values)


def echo_of(methods: Iterable[str], names: Iterable[str]) -> Echo | None:
    """Return how a rule with credentials echoes, None where it has no star."""
    methods, names = tuple(methods), tuple(names)
    if _STAR not in methods and _STAR not in names:
        return None
    return Echo(
        methods=tuple(method for method in methods if method != _STAR),
        names=tuple(name for name in names if name != _STAR),
        echoes_method=_STAR in methods,
        echoes_names=_STAR in names,
    )
