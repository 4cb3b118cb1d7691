"""Problems and reasons in words: a sentence for each problem code and each reason of the engine."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.engine import Reason
from corsadmin.engine.problems import Problem

MAX_SHOWN: Final = 256
_WORD: Final = re.compile(r"[^\W\d_]+")
# Alphabets with letters that nobody can tell from Latin ones.
_LIKE_LATIN: Final = frozenset({"ARMENIAN", "CHEROKEE", "COPTIC", "CYRILLIC", "GREEK", "LISU"})
LOOK_ALIKES: Final = _(
    "The escapes stand for letters of another alphabet that look like Latin ones."
)

SENTENCES: Final[dict[str, Promise]] = {
    "any-origin-with-credentials": _(
        "“Any origin” and credentials exclude each other: every website could read this path with "
        "its visitors' cookies. Remove one of the two."
    ),
    "exclusive-with-any-origin": _(
        "“Any origin” and “exclusive” exclude each other: an exclusive rule admits only origins "
        "that are scoped to it. Remove one of the two."
    ),
    "header-colon": _("“%(value)s” is a whole header: only its name belongs here."),
    "header-empty": _("The name of the header is empty."),
    "header-forbidden": _(
        "“%(value)s” is a forbidden header: browsers do not let pages set or read it."
    ),
    "header-not-token": _(
        "“%(value)s” is not a valid header name. Use only letters, digits and "
        "the signs !#$%%&'*+-.^_`|~."
    ),
    "header-response-only": _(
        "“%(value)s” is a response header: no browser ever asks for permission to send it."
    ),
    "header-too-long": _("The name of the header is longer than 128 characters."),
    "header-white-space": _("There is white space around “%(value)s”."),
    "host-empty": _("The host is empty."),
    "host-invalid": _("“%(value)s” is not a valid host name."),
    "host-ip-form": _("“%(value)s” is not the form in which browsers write this IP address."),
    "host-path": _("“%(value)s” has a path: only the host belongs here."),
    "host-port": _("“%(value)s” has a port: a host belongs to one tenant on all its ports."),
    "host-punycode": _("“%(value)s” has a label that begins with xn-- but is not valid punycode."),
    "host-scheme": _("“%(value)s” has a scheme: only the host belongs here."),
    "host-too-long": _("The host is longer than 253 characters."),
    "host-trailing-dot": _("“%(value)s” ends in a dot: enter the host without it."),
    "host-underscore": _(
        "“%(value)s” has an underscore: Django answers requests for such a host with 400."
    ),
    "host-unicode": _("“%(value)s” is a host that browsers send in its ASCII form (punycode)."),
    "host-upper-case": _("“%(value)s” must be in lower case, as browsers send it."),
    "host-white-space": _("There is white space around “%(value)s”."),
    "host-wildcard": _("“%(value)s” has a wildcard: name each host of the tenant."),
    "label-wildcards-too-many": _(
        "“%(value)s” exceeds a limit: the label wildcards of a tenant may have at most 64 "
        "different combinations of lengths before and after the star."
    ),
    "list-too-long": _("The list has more than 64 names."),
    "max-age-out-of-range": _(
        "%(value)s is not between 0 and 86400 seconds: no browser caches a preflight longer."
    ),
    "method-empty": _("The name of the method is empty."),
    "method-forbidden": _("“%(value)s” is a forbidden method: browsers do not let pages use it."),
    "method-lower-case": _("“%(value)s” must be in upper case: HTTP methods are case-sensitive."),
    "method-not-token": _(
        "“%(value)s” is not a valid method: write one name, without spaces or commas."
    ),
    "method-too-long": _("The name of the method is longer than 64 characters."),
    "method-white-space": _("There is white space around “%(value)s”."),
    "origin-any": _(
        "“*” is not a valid origin. To let in every website, select “any origin” on a path rule."
    ),
    "origin-application-host": _(
        "The host of “%(value)s” is not a valid application host. Use 1 to 253 of the characters "
        "A-Z, a-z, 0-9 and - . _ ~."
    ),
    "origin-application-wildcard": _(
        "“%(value)s” has a wildcard in the wrong place: for applications, it stands for the whole "
        "host, without a port, as in app://*."
    ),
    "origin-backslash": _("“%(value)s” has a backslash; browsers never send one in an origin."),
    "origin-default-port": _("“%(value)s” has the scheme's default port: browsers omit it."),
    "origin-empty": _("The origin is empty."),
    "origin-fragment": _("“%(value)s” has a fragment: an origin ends after host and port."),
    "origin-host-invalid": _("The host of “%(value)s” is not a valid host name."),
    "origin-host-marks": _(
        "A label of “%(value)s” has only hyphens or underscores: a browser may send such a host, "
        "but nobody can register it."
    ),
    "origin-ip-form": _("“%(value)s” has an IP address in a form that browsers do not send."),
    "origin-none": _("“%(value)s” is not a valid origin; it looks like a program's empty value."),
    "origin-null": _(
        "The origin “null” is never allowed: anybody can send it from a sandboxed frame or a "
        "local file."
    ),
    "origin-path": _("“%(value)s” has a path: browsers send only scheme, host and port."),
    "origin-placeholder": _("“%(value)s” has a placeholder, which no browser fills in."),
    "origin-port-empty": _("“%(value)s” ends in a colon without a port."),
    "origin-port-invalid": _("The port of “%(value)s” is not a number from 1 to 65535."),
    "origin-port-leading-zero": _("The port of “%(value)s” begins with a zero."),
    "origin-port-wildcard": _(
        "“%(value)s” has a wildcard inside the port: write “:*” for any port."
    ),
    "origin-punycode": _(
        "The host of “%(value)s” has a label that begins with xn-- but is not valid punycode."
    ),
    "origin-query": _("“%(value)s” has a query: an origin ends after host and port."),
    "origin-regex": _(
        "“%(value)s” is a regular expression. The only wildcards are “*.” before a host, one “*” "
        "inside the first label, and “:*” for any port."
    ),
    "origin-scheme-invalid": _("“%(value)s” does not begin with a scheme such as https."),
    "origin-scheme-missing": _("“%(value)s” has no scheme: browsers always send one."),
    "origin-scheme-opaque": _(
        "“%(value)s” has a scheme whose pages send the origin “null”, which is never allowed."
    ),
    "origin-scheme-websocket": _(
        "“%(value)s” is a WebSocket address: the page that opens it has an http or https origin."
    ),
    "origin-scheme-wildcard": _("“%(value)s” has a wildcard as its scheme: name the scheme."),
    "origin-several": _("“%(value)s” is more than one origin: each needs an entry of its own."),
    "origin-slashes": _("The scheme of “%(value)s” must be followed by exactly “://”."),
    "origin-too-long": _("The origin is longer than a browser could send."),
    "origin-trailing-dot": _(
        "The host of “%(value)s” ends in a dot: to a browser that is another origin."
    ),
    "origin-trailing-slash": _("“%(value)s” ends in a slash: browsers send an origin without it."),
    "origin-unicode-host": _(
        "“%(value)s” has a host that browsers send in its ASCII form (punycode)."
    ),
    "origin-upper-case": _("“%(value)s” must be in lower case, as browsers send it."),
    "origin-userinfo": _("“%(value)s” has a user name: browsers never send one in an origin."),
    "origin-white-space": _("There is white space around “%(value)s”."),
    "origin-wildcard-ip": _(
        "“%(value)s” has a wildcard before an IP address, which has no subdomains."
    ),
    "origin-wildcard-part": _(
        "The text on either side of the star in “%(value)s” must contain a letter or a digit and "
        "must not begin with xn--."
    ),
    "origin-wildcard-position": _(
        "“%(value)s” has a wildcard in the wrong place: allowed are “*.” directly after “://”, one "
        "“*” inside the first label, and “:*” at the end."
    ),
    "path-backslash": _("“%(value)s” has a backslash: no rule covers a path with one."),
    "path-brace": _(
        "“%(value)s” has braces, which are reserved: only “{$}” after the last slash is allowed."
    ),
    "path-control-character": _("“%(value)s” has an invisible character."),
    "path-dot-segment": _("“%(value)s” has a “.” or “..” segment: no rule covers a path with one."),
    "path-empty": _("The path is empty."),
    "path-empty-segment": _("“%(value)s” has two slashes in a row."),
    "path-fragment": _("“%(value)s” has a fragment, which browsers do not send."),
    "path-leading-slash-missing": _("“%(value)s” does not begin with a slash."),
    "path-percent-encoded": _(
        "“%(value)s” is percent-encoded: rules are compared with the decoded path."
    ),
    "path-query": _("“%(value)s” has a query: path rules ignore queries."),
    "path-regex": _(
        "“%(value)s” is a regular expression. A path that ends in / covers everything below it."
    ),
    "path-too-long": _("The path is longer than 512 characters."),
    "path-url": _("“%(value)s” is a full URL: only its path belongs here."),
    "path-white-space": _("There is white space around “%(value)s”."),
    "path-wildcard-position": _(
        "“%(value)s” has a wildcard that is only part of a segment: “*” must be a whole segment."
    ),
    "risk-any-application": _(
        "“%(value)s” with credentials: every application and extension with this scheme can read "
        "everything the user can. Name your own host, or accept the risk."
    ),
    "risk-plain-http": _(
        "“%(value)s” with credentials: anyone between the user and this site, "
        "for example on public Wi-Fi, can read everything the user can. Use "
        "https, or accept the risk."
    ),
    "risk-public-suffix": _(
        "“%(value)s” with credentials: strangers may register names below it and read everything "
        "the user can. Name your own hosts, or accept the risk."
    ),
    "risk-shared-parent": _(
        "“%(value)s” with credentials: strangers may register names that match it and read "
        "everything the user can. Use a domain of your own for previews, let CI add exact origins "
        "that expire, or accept the risk."
    ),
    "slug-edge-hyphen": _("“%(value)s” begins or ends with a hyphen."),
    "slug-empty": _("The slug is empty."),
    "slug-invalid": _(
        "“%(value)s” is not a valid slug. Use only lower-case letters, digits and hyphens."
    ),
    "slug-too-long": _("The slug is longer than 63 characters, the most a host label may have."),
    "slug-upper-case": _("“%(value)s” must be in lower case."),
    "value-duplicate": _("“%(value)s” is listed twice."),
    "value-not-a-list": _("“%(value)s” is not a list of strings."),
    "wildcard-with-credentials": _(
        "With credentials, browsers take “*” literally, so it matches nothing: name each value."
    ),
    "window-order": _("The entry would end before it begins. Enter a later end."),
}

REASONS: Final[dict[Reason, Promise]] = {
    Reason.ALLOWED: _("The browser lets the page read the response."),
    Reason.NOT_CORS: _("The request has no Origin header, so it is not cross-origin."),
    Reason.SAME_ORIGIN: _(
        "The page is on the same origin as the request, so it needs no permission."
    ),
    Reason.NO_TENANT: _("The request does not belong to an active tenant."),
    Reason.NO_RULE: _("No enabled path rule covers the path."),
    Reason.ORIGIN_NOT_LISTED: _("No entry of the policy covers the page's origin."),
    Reason.ORIGIN_MALFORMED: _("The Origin header has a value that no browser sends."),
    Reason.ORIGIN_NULL: _("The origin “null” is never allowed, because anybody can send it."),
    Reason.ORIGIN_EXPIRED: _("The entry for the origin has expired."),
    Reason.ORIGIN_NOT_YET_VALID: _("The entry for the origin is not valid yet."),
    Reason.ORIGIN_OUT_OF_SCOPE: _("The entry for the origin covers only other paths."),
    Reason.METHOD_NOT_ALLOWED: _("The path rule does not allow the method."),
    Reason.HEADER_NOT_ALLOWED: _("The path rule does not allow a request header."),
    Reason.POLICY_INVALID: _("The stored path rule is not valid, so it allows no origin."),
    Reason.EMERGENCY: _("An emergency is switched on, so no origin is allowed."),
    Reason.NOT_READY: _("The process has not loaded the policies yet."),
    Reason.TOO_STALE: _("The process has been unable to confirm its policies for too long."),
}


def describe(problem: Problem) -> str:
    """Return a problem as a sentence in the active language, and its suggestion if any."""
    value = shown(problem.value)
    sentences = [str(SENTENCES[problem.code]) % {"value": value}]
    if value != _cut(printable(problem.value[: MAX_SHOWN + 1])):
        sentences.append(str(LOOK_ALIKES))
    if problem.suggestion:
        # A suggestion is valid, and people copy it, so its visible characters stay unchanged.
        suggestion = _cut(printable(problem.suggestion))
        sentences.append(str(_("Write %(suggestion)s.")) % {"suggestion": suggestion})
    if problem.nearest:
        nearest = _cut(printable(problem.nearest))
        sentences.append(
            str(_("%(nearest)s comes closest, but lets in more.")) % {"nearest": nearest}
        )
    return " ".join(sentences)


def printable(text: str) -> str:
    """Return text on one line: invisible and direction-changing characters become escapes."""
    return _escape(text, str.isprintable)


def shown(value: str, limit: int = MAX_SHOWN) -> str:
    """Return untrusted text for one line of a page or log, cut to `limit` characters.

    It is printable, and letters that look like the Latin ones beside them become escapes, too.
    """
    return _cut(_WORD.sub(_tell_apart, printable(value[: limit + 1])), limit)


def _tell_apart(found: re.Match[str]) -> str:
    """Return a word with look-alikes of Latin letters escaped, if it has Latin letters too."""
    word = found[0]
    is_mixed = any(_alphabet(sign) == "LATIN" for sign in word)
    return _escape(word, lambda sign: _alphabet(sign) not in _LIKE_LATIN) if is_mixed else word


def _alphabet(sign: str) -> str:
    """Return the first word of a letter's Unicode name: the alphabet it belongs to."""
    return unicodedata.name(sign, "").partition(" ")[0]


def _escape(text: str, keep: Callable[[str], bool]) -> str:
    return "".join(sign if keep(sign) else ascii(sign)[1:-1] for sign in text)


def _cut(text: str, limit: int = MAX_SHOWN) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
