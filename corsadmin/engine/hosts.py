"""Host names and addresses exactly as a browser writes them."""

from functools import cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from corsadmin.engine.problems import Problem

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

MAX_HOST_LENGTH = 253
MAX_LABEL_LENGTH = 63

_DIGITS = "0123456789"
_HEX_DIGITS = "0123456789abcdef"
_LABEL_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_HOST_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_."
_PUNYCODE = "xn--"


def is_host(text: str) -> bool:
    """Report whether text is a host as a browser serialises it in an origin."""
    if text.strip(_HOST_CHARACTERS):
        return text[0] == "[" and _is_ipv6(text)
    if len(text) > MAX_LABEL_LENGTH and not _has_short_labels(text):
        return False
    # Doubled at both ends, an edge dot looks like an empty label; so does an empty text.
    if ".." in f".{text}.":
        return False
    return text[text.rfind(".") + 1] not in _DIGITS or not _ends_in_number(text) or _is_ipv4(text)


def is_ip(host: str) -> bool:
    """Report whether a valid host is an IPv4 or IPv6 address."""
    return host[0] == "[" or (host[-1] in _DIGITS and _is_ipv4(host))


def has_usable_labels(host: str) -> bool:
    """Report whether a valid host could exist: no label of marks only, no broken punycode."""
    if host[0] == "[":
        return True
    return all(
        label.strip("-_") and (not label.startswith(_PUNYCODE) or _is_punycode(label))
        for label in host.split(".")
    )


def check_host(text: str) -> Problem | None:
    """Return what is wrong with a tenant's host name, or None."""
    if is_host(text):
        return None if has_usable_labels(text) else Problem("host", _label_code(text), text)
    code, mended = _host_fault(text)
    usable = mended != "" and is_host(mended) and has_usable_labels(mended)
    return Problem("host", code, text, mended if usable else "")


def check_slug(text: str) -> Problem | None:
    """Return what is wrong with a tenant's slug, or None."""
    code, suggestion = "", ""
    if not text:
        code = "slug-empty"
    elif len(text) > MAX_LABEL_LENGTH:
        code = "slug-too-long"
    elif text.lower().strip(_LABEL_CHARACTERS):
        code = "slug-invalid"
    elif text.strip("-") != text:
        code, suggestion = "slug-edge-hyphen", text.strip("-").lower()
    elif text.lower() != text:
        code, suggestion = "slug-upper-case", text.lower()
    return Problem("slug", code, text, suggestion) if code else None


def to_ascii(host: str) -> str | None:
    """Return the host a browser sends for host (UTS 46, non-transitional), or None."""
    # Only validation needs the tables of idna; a worker that answers requests does not.
    import idna

    try:
        mapped = idna.uts46_remap(host, std3_rules=False)
        ascii_host = ".".join(_ascii_label(label) for label in mapped.split("."))
    except (idna.IDNAError, UnicodeError, ValueError):
        return None
    return ascii_host if is_host(ascii_host) else None


def is_loopback(host: str) -> bool:
    """Report whether a valid host always names the machine the browser runs on."""
    if host == "localhost" or host.endswith(".localhost") or host == "[::1]":
        return True
    return host.startswith("127.") and is_ip(host)


def is_public_suffix(host: str) -> bool:
    """Report whether anybody may register names directly under host."""
    if is_ip(host) or is_loopback(host):
        return False
    return bool(_public_suffixes().is_public(host))


def mend_host(host: str) -> tuple[str, str]:
    """Return the kind of the first fault that has a canonical form, and that form.

    The kind is "unicode", "upper-case", "trailing-dot", "ip-form" or blank.
    """
    kind, mended = "", host
    if not host.isascii():
        kind, mended = "unicode", to_ascii(host) or host
    elif host != host.lower():
        kind, mended = "upper-case", host.lower()
    if mended.endswith(".") and not mended.endswith(".."):
        kind, mended = kind or "trailing-dot", mended[:-1]
    address = _canonical_address(mended)
    if address not in ("", mended):
        kind, mended = kind or "ip-form", address
    return kind, mended


def _has_short_labels(host: str) -> bool:
    return len(host) <= MAX_HOST_LENGTH and max(map(len, host.split("."))) <= MAX_LABEL_LENGTH


def _ends_in_number(host: str) -> bool:
    """Report whether a URL parser must read host as IPv4 (WHATWG URL, "ends in a number")."""
    last = host[host.rfind(".") + 1 :]
    return last.isdigit() or (last.startswith("0x") and not last[2:].strip(_HEX_DIGITS))


def _is_ipv4(text: str) -> bool:
    try:
        return str(IPv4Address(text)) == text
    except AddressValueError:
        return False


def _is_ipv6(text: str) -> bool:
    return text == _canonical_ipv6(text)


def _canonical_ipv6(text: str) -> str:
    """Return the bracketed form of RFC 5952, or blank; text begins with a bracket."""
    if text[-1] != "]" or text.strip("[]0123456789abcdef:.ABCDEF"):
        return ""
    try:
        number = int(IPv6Address(text[1:-1]))
    except AddressValueError:
        return ""
    # str() of an address writes IPv4-mapped ones differently from one Python to the next.
    groups = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -16, -16)]
    plain = ":".join(groups)
    for length in range(8, 1, -1):
        zeros = ":".join("0" * length)
        before, found, after = f":{plain}:".partition(f":{zeros}:")
        if found:
            return f"[{before[1:]}::{after[:-1]}]"
    return f"[{plain}]"


def _canonical_address(host: str) -> str:
    """Return the address a browser reads in host, canonical, or blank."""
    if host[:1] == "[":
        return _canonical_ipv6(host)
    if not host.isascii() or not host[host.rfind(".") + 1 :] or not _ends_in_number(host):
        return ""
    try:
        numbers = [_ipv4_number(part) for part in host.split(".")]
        *leading, last = numbers
        if len(leading) > 3 or max(leading, default=0) > 255:
            return ""
        if last >= 256 ** (4 - len(leading)):
            return ""
        number = last + sum(part << 8 * (3 - place) for place, part in enumerate(leading))
    except ValueError:
        return ""
    return str(IPv4Address(number))


def _ipv4_number(part: str) -> int:
    """Read one part as the IPv4 number parser of WHATWG URL does; raise ValueError."""
    if not part or part.strip(_HEX_DIGITS + "x") or len(part) > 16:
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part[0] == "0" else 10)


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    import idna

    idna.check_initial_combiner(label)
    idna.check_bidi(label)
    for place, character in enumerate(label):
        if character in "\u200c\u200d" and not idna.valid_contextj(label, place):
            raise idna.InvalidCodepointContext("a joiner where none may stand")
    return _PUNYCODE + label.encode("punycode").decode("ascii")


def _is_punycode(label: str) -> bool:
    try:
        decoded = label[len(_PUNYCODE) :].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return False
    return not decoded.isascii() and to_ascii(decoded) == label


@cache
def _public_suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _label_code(host: str) -> str:
    labels = host.split(".")
    return "host-invalid" if any(not label.strip("-_") for label in labels) else "host-punycode"


def _host_fault(text: str) -> tuple[str, str]:
    """Return the first code that applies to a refused host and the text with all mended."""
    trimmed = text.strip()
    if not trimmed:
        return "host-empty", ""
    code = "" if trimmed == text else "host-white-space"
    scheme, separator, rest = trimmed.partition("://")
    if separator:
        code, trimmed = code or "host-scheme", rest
    bare = trimmed
    for mark in "/?#":
        bare = bare.partition(mark)[0]
    if bare != trimmed:
        code = code or "host-path"
    host, colon, port = bare.rpartition(":")
    if colon and not port.strip(_DIGITS) and (":" not in host or host.endswith("]")):
        code, bare = code or "host-port", host
    if "*" in bare:
        return code or "host-wildcard", ""
    kind, mended = mend_host(bare)
    code = code or (f"host-{kind}" if kind else "")
    return code or ("host-too-long" if len(text) > MAX_HOST_LENGTH else "host-invalid"), mended
