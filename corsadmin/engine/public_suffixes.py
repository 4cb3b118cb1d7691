"""The names below which anybody may register a name."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from corsadmin.engine.hosts import is_ip, is_loopback, to_ascii

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def is_public_suffix(host: str) -> bool:
    """Report whether anybody may register names directly under host."""
    if is_ip(host) or is_loopback(host):
        return False
    return bool(_public_suffixes().is_public(host))


def registrable_domain(host: str) -> str:
    """Return the part of a host that somebody has registered; the host itself if there is none."""
    return str(_public_suffixes().privatesuffix(host) or host)


def listed_suffix(host: str) -> str:
    """Return the public suffix of a host; blank if its top-level domain is not in the list."""
    return str(_listed_suffixes().publicsuffix(host) or "")


def reaches_public_suffix(host: str) -> bool:
    """Report whether strangers may register names somewhere under host.

    `amazonaws.com` is not a public suffix, yet anybody may own a `*.s3.amazonaws.com`.
    """
    return is_public_suffix(host) or host in _above_public_suffixes()


@cache
def _public_suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 (for validation, like idna)

    return PublicSuffixList()


@cache
def _listed_suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415

    return PublicSuffixList(accept_unknown=False)


@cache
def _above_public_suffixes() -> frozenset[str]:
    """Return every name that has a public suffix somewhere below it."""
    from publicsuffixlist import PSLFILE  # noqa: PLC0415

    above = set()
    for line in Path(PSLFILE).read_text(encoding="utf-8").splitlines():
        rule = line.partition(" ")[0].removeprefix("*.").removeprefix("!")
        if not rule.startswith("//"):
            _, dot, parent = rule.partition(".")
            while dot:
                above.add(parent if parent.isascii() else to_ascii(parent) or parent)
                _, dot, parent = parent.partition(".")
    return frozenset(above)
