"""Find pasted origins that look like another one in the paste, or like an inherited one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from corsadmin.admin.inbox.look_alikes import LookAlike, listed_domains, look_alikes

MAX_COMPARED: Final = 50  # domains of a paste that are compared with each other
# Warnings among one customer's own domains, which often share a name with different endings.
_AMONG_OWN: Final = frozenset({"idn", "edit"})


def doubtful_origins(
    pasted: Sequence[str], inherited: Iterable[str]
) -> list[tuple[str, LookAlike]]:
    """Return the first origin of each domain that looks like something else, with what it is."""
    others = listed_domains(inherited)
    own = listed_domains(pasted)
    known = dict([*own.items()][:MAX_COMPARED])
    return [
        (origin, alike)
        for domain, origin in known.items()
        for alike in _doubts(origin, domain, others, known)
    ]


def _doubts(
    origin: str, domain: str, others: Mapping[str, str], own: Mapping[str, str]
) -> list[LookAlike]:
    siblings = {name: pattern for name, pattern in own.items() if name != domain}
    found = look_alikes(origin, others)
    among_own = [one for one in look_alikes(origin, siblings) if one.code in _AMONG_OWN]
    return [*dict.fromkeys([*found, *among_own])]
