"""Host names and addresses exactly as a browser writes them."""

from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from typing import Final

from corsadmin.engine.problems import Problem

MAX_HOST_LENGTH = 253
MAX_LABEL_LENGTH = 63
IPV4_LENGTH = 4
# Names outside ASCII are far shorter. IDNA costs a thousand times what the other checks do.
MAX_UNICODE_LENGTH: Final = 100
MAX_SOUND_HOSTS: Final = 10_000  # with punycode; a form and an import check each several times

_DIGITS = "0123456789"
_HEX_DIGITS = "0123456789abcdef"
_LABEL_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_HOST_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_."
_PUNYCODE = "xn--"
_HOST_CODES = {"": "", "marks": "host-invalid", "punycode": "host-punycode"}
# Hosts that IDNA has found sound. The set is emptied when it is full.
_sound_hosts: Final[set[str]] = set()


def is_host(text: str) -> bool:
    """Report whether text is a host as a browser serializes it in an origin."""
    if text.strip(_HOST_CHARACTERS):
        return text[0] == "[" and _is_ipv6(text)
    if len(text) > MAX_LABEL_LENGTH and not _has_short_labels(text):
        return False
    # With a dot added at both ends, a dot at an edge looks like an empty label, and so does empty
    # text.
    if ".." in f".{text}.":
        return False
    return text[text.rfind(".") + 1] not in _DIGITS or not _ends_in_number(text) or _is_ipv4(text)


def is_ip(host: str) -> bool:
    """Report whether a valid host is an IPv4 or IPv6 address."""
    return host[0] == "[" or host[host.rfind(".") + 1 :].isdigit()


def label_fault(host: str) -> str:
    """Return why nobody can mean a valid host: "marks", "punycode", or blank for no fault.

    Browsers accept a label of only hyphens and underscores, and broken punycode; DNS has no such
    names.
    """
    if host[0] == "[":
        return ""
    # A label of only marks begins with one, so most hosts need no check of each label.
    marked = host[0] in "-_" or ".-" in host or "._" in host
    if (not marked and _PUNYCODE not in host) or host in _sound_hosts:
        return ""
    for label in host.split("."):
        if not label.strip("-_"):
            return "marks"
        if label.startswith(_PUNYCODE) and not _is_punycode(label):
            return "punycode"
    _remember_sound(host)
    return ""


def is_label_wildcard(label: str, parent: str) -> bool:
    """Report whether a label with a star in it, `pr-*`, may stand before a valid host.

    The star stands for one or more characters.
    """
    before, *others = label.split("*")
    # With one character for the star it must be a host, and not an IP address.
    is_name = len(others) == 1 and is_host(f"{before}a{others[0]}.{parent}") and not is_ip(parent)
    return is_name and all(map(is_wildcard_part, filter(None, (before, *others))))


def is_wildcard_part(text: str) -> bool:
    """Report whether text may stand beside the star of a label."""
    return text.strip("-_") != "" and not text.startswith(_PUNYCODE)


def check_host(text: str) -> Problem | None:
    """Return what is wrong with a tenant's host name, or None.

    Browsers send requests to hosts with an underscore, but Django always answers those with 400.
    """
    if is_host(text):
        fault = _HOST_CODES[label_fault(text)] or ("host-underscore" if "_" in text else "")
        return Problem("host", fault, text) if fault else None
    code, mended = _host_fault(text)
    usable = is_host(mended) and not label_fault(mended) and "_" not in mended
    return Problem("host", code, text, mended if usable else "")


def check_slug(text: str) -> Problem | None:
    """Return what is wrong with a tenant's slug, or None."""
    code, mended = _slug_fault(text)
    if not code:
        return None
    return Problem("slug", code, text, "" if _slug_fault(mended)[0] else mended)


def _slug_fault(text: str) -> tuple[str, str]:
    """Return the code of a slug's fault and the slug with it mended, or two blanks."""
    code, mended = "", ""
    if not text:
        code = "slug-empty"
    elif len(text) > MAX_LABEL_LENGTH:
        code = "slug-too-long"
    elif text.lower().strip(_LABEL_CHARACTERS):
        code, mended = "slug-invalid", "-".join(text.lower().replace("_", " ").split())
    elif text.strip("-") != text:
        code, mended = "slug-edge-hyphen", text.strip("-").lower()
    elif text.lower() != text:
        code, mended = "slug-upper-case", text.lower()
    return code, mended


def to_ascii(host: str) -> str | None:
    """Return the host that a browser sends for host (UTS 46, non-transitional), or None.

    It is also None for a host longer than MAX_UNICODE_LENGTH.
    """
    import idna  # noqa: PLC0415 (its tables are for validation, not for answering requests)

    if len(host) > MAX_UNICODE_LENGTH:
        return None
    try:
        mapped = idna.uts46_remap(host, std3_rules=False)
        labels = [_ascii_label(label) for label in mapped.split(".")]
    except ValueError:  # includes IDNAError and UnicodeError
        return None
    ascii_host = ".".join(labels)
    if not is_host(ascii_host):
        return None
    # Labels that were ASCII before have not been checked.
    if _PUNYCODE not in mapped and all(label.strip("-_") for label in labels):
        _remember_sound(ascii_host)
    return ascii_host


def is_loopback(host: str) -> bool:
    """Report whether a valid host always names the machine the browser runs on."""
    if host == "localhost" or host.endswith(".localhost") or host == "[::1]":
        return True
    return host.startswith("127.") and is_ip(host)


def is_private_address(host: str) -> bool:
    """Report whether a valid host is an address of a machine or of a network that is not public."""
    if not is_ip(host):
        return False
    # Not is_private: the addresses that carriers share (100.64.0.0/10) are neither private nor
    # global.
    return not ip_address(host.strip("[]")).is_global


def is_local(host: str) -> bool:
    """Report whether a valid host is on this machine or in a private network by its name alone."""
    return is_loopback(host) or host.endswith(".local") or is_private_address(host)


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


def _remember_sound(host: str) -> None:
    if len(_sound_hosts) >= MAX_SOUND_HOSTS:
        _sound_hosts.clear()
    _sound_hosts.add(host)


def _has_short_labels(host: str) -> bool:
    return len(host) <= MAX_HOST_LENGTH and max(map(len, host.split("."))) <= MAX_LABEL_LENGTH


def _ends_in_number(host: str) -> bool:
    """Report whether a URL parser must read host as IPv4 (WHATWG URL, "ends in a number")."""
    last = host[host.rfind(".") + 1 :]
    if not last.isascii():
        return False
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
    # str() writes IPv4-mapped addresses differently from one Python version to the next.
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
    if not _ends_in_number(host):
        return ""
    try:
        *leading, last = [_ipv4_number(part) for part in host.split(".")]
        # The last part fills all bytes that the others leave, so `127.1` is 127.0.0.1.
        rest = last.to_bytes(IPV4_LENGTH - len(leading), "big")
        return str(IPv4Address(bytes(leading) + rest))
    except (ValueError, OverflowError):
        return ""


def _ipv4_number(part: str) -> int:
    """Read one part as the IPv4 number parser of WHATWG URL does; raise ValueError."""
    if part.startswith("0x"):
        base, digits = 16, part[2:] or "0"
    else:
        base, digits = (8 if part[:1] == "0" else 10), part
    # int() would also accept signs, spaces, underscores and the digits of other scripts.
    if digits.strip(_HEX_DIGITS):
        raise ValueError(part)
    return int(digits, base)


def _ascii_label(label: str) -> str:
    import idna  # noqa: PLC0415

    if label.isascii():
        return label
    idna.check_initial_combiner(label)
    idna.check_bidi(label)
    for place, character in enumerate(label):
        if character in "\u200c\u200d" and not idna.valid_contextj(label, place):
            raise idna.InvalidCodepointContext("a joiner where none is allowed")
    return _PUNYCODE + label.encode("punycode").decode("ascii")


def _is_punycode(label: str) -> bool:
    """Report whether a label is the punycode of a name, as a browser would write it."""
    import idna  # noqa: PLC0415

    try:
        decoded = label[len(_PUNYCODE) :].encode("ascii").decode("punycode")
        is_mapped = idna.uts46_remap(decoded, std3_rules=False) == decoded
        return is_mapped and not decoded.isascii() and _ascii_label(decoded) == label
    except (ValueError, OverflowError):
        return False


def _host_fault(text: str) -> tuple[str, str]:
    """Return the first code that applies to a refused host and the text with all mended."""
    trimmed = text.strip()
    if not trimmed:
        return "host-empty", ""
    code = "" if trimmed == text else "host-white-space"
    _, separator, rest = trimmed.partition("://")
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
