"""Warn when a refused origin looks like a listed one, or otherwise like something it is not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.engine.hosts import is_ip
from corsadmin.engine.origins import domain_of, parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError
from corsadmin.messages import shown

# In a short name, one different letter makes a different name. A longer name with one or two
# different letters looks like the same name.
MIN_NAME: Final = 4
MIN_LONG_NAME: Final = 8
MIN_CONTAINED_NAME: Final = 5
MAX_EDITS: Final = 2
_MISLEADING: Final = ("edit", "suffix", "contains")  # the worst first

_SENTENCES: Final[dict[str, Promise]] = {
    "idn": _("Internationalized name: it reads as “%(value)s”."),
    "edit": _("Domain differs from that of %(value)s by only one or two letters."),
    "suffix": _("Same name as %(value)s, but with a different ending."),
    "contains": _("Contains the name of %(value)s, but belongs to a different domain."),
}


class LookAlike(NamedTuple):
    """What is misleading about an origin. `value` is the entry that it resembles, or its name."""

    code: str
    value: str

    @property
    def sentence(self) -> str:
        """Return one sentence in the active language."""
        return str(_SENTENCES[self.code]) % {"value": shown(self.value)}


def look_alikes(origin: str, listed: Mapping[str, str]) -> list[LookAlike]:
    """Return what is misleading about an origin, given the listed domains."""
    parts = parse_origin(origin)
    if parts is None:
        return []
    scheme, host, _port = parts
    domain = domain_of(scheme, host)
    if is_ip(host) or not host.endswith(domain):
        return []  # IP addresses and hosts of applications have no registrable domain
    name = _readable(host)
    found = [] if name == host else [LookAlike("idn", name)]
    return found if domain in listed else found + _nearest(host, domain, listed)


def listed_domains(patterns: Iterable[str]) -> dict[str, str]:
    """Return the registrable domains of the patterns, each with its first pattern."""
    found: dict[str, str] = {}
    for pattern in patterns:
        found.setdefault(_domain_of(pattern), pattern)
    found.pop("", None)
    return found


def is_listed_domain(origin: str, listed: Mapping[str, str]) -> bool:
    """Report whether the registrable domain of an origin is listed."""
    return _domain_of(origin) in listed


def _domain_of(text: str) -> str:
    try:
        pattern = parse_pattern(text)
    except PolicyError:
        return ""
    return domain_of(pattern.scheme, pattern.host)


def _nearest(host: str, domain: str, listed: Mapping[str, str]) -> list[LookAlike]:
    """Return the listed entry that an origin on an unlisted domain resembles most, if any."""
    found = {
        code: pattern
        for known, pattern in listed.items()
        for code in _differences(host, domain, known)
    }
    return [LookAlike(code, found[code]) for code in _MISLEADING if code in found][:1]


def _differences(host: str, domain: str, listed: str) -> Iterator[str]:
    name, known = domain.partition(".")[0], listed.partition(".")[0]
    most = 1 if len(known) < MIN_LONG_NAME else MAX_EDITS
    if len(known) >= MIN_NAME and is_within_edits(domain, listed, most):
        yield "edit"
    if len(known) >= MIN_NAME and name == known:
        yield "suffix"
    if f"{listed}." in host or (len(known) >= MIN_CONTAINED_NAME and known in name):
        yield "contains"


def is_within_edits(one: str, other: str, most: int) -> bool:
    """Report whether at most `most` insertions, deletions, replacements or swaps part two texts."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, sign in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != sign))
            if i > 1 and j > 1 and letter == other[j - 2] and sign == one[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1] <= most


def _readable(host: str) -> str:
    """Return a host with its punycode decoded, or with “?” for punycode that is not valid."""
    if "xn--" not in host:
        return host
    import idna  # noqa: PLC0415 (only pages for people need its large tables, not requests)

    try:
        return idna.decode(host)
    except idna.IDNAError:
        return host.replace("xn--", "?")
