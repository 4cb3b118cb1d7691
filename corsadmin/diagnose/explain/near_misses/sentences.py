"""The kinds of near misses, the nearest first, and a sentence for each."""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.messages import shown

SENTENCES: Final[dict[str, Promise]] = {
    # Hosts and tenants, where the request belongs to no tenant.
    "tenant-inactive": _("The tenant %(tenant)s is not active."),
    "allowed-host-port": _(
        "ALLOWED_HOSTS contains %(entry)s: Django compares the host without its port."
    ),
    "allowed-host": _("ALLOWED_HOSTS contains %(entry)s, but not %(host)s."),
    "host-port": _("The host %(entry)s has a port: a host is compared without its port."),
    "host-www": _("The host %(entry)s differs only in the www."),
    "host-machine": _("The host %(entry)s is another name for the same machine."),
    "host-level": _("The host %(entry)s is at a different level from %(host)s."),
    "slug-case": _("The slug %(entry)s is in lower case, but the request has %(slug)s."),
    "slug-slash": _("A slash must follow the slug %(entry)s in the path."),
    "slug-level": _("Only one label may come before the base domain: the slug %(entry)s."),
    # Path rules, where none covers the path.
    "path-disabled": _("The path rule %(entry)s is disabled."),
    "script-prefix": _(
        "The path rule %(entry)s begins with %(prefix)s, where the project is mounted. Rules are "
        "compared with the rest of the path: %(path)s."
    ),
    "path-slash": _("The path rule %(entry)s differs only in the slash at the end of the path."),
    "path-case": _("The path rule %(entry)s differs only in case, and paths are case-sensitive."),
    "path-slashes": _("The path rule %(entry)s would match without the repeated slashes."),
    "path-below": _("The path rule %(entry)s covers only that path and nothing below it."),
    "path-prefix": _(
        "The path rule %(entry)s would match without %(prefix)s at the beginning of the path."
    ),
    # Methods and request headers, where the rule does not list one.
    "method-case": _(
        "The rule allows %(entry)s: methods are case-sensitive, and the page sends %(name)s."
    ),
    "header-star": _(
        "The rule allows any request header (*), but the star does not include %(name)s. List it by name."
    ),
    "header-wildcard": _(
        "The rule lists %(entry)s, but a star inside a header name is not a wildcard."
    ),
    "header-hyphens": _(
        "The rule lists %(entry)s: %(name)s differs only in hyphens or underscores."
    ),
    "header-prefix": _("The rule lists %(entry)s: %(name)s differs only in how the name begins."),
    "header-plural": _("The rule lists %(entry)s: %(name)s differs only in the plural."),
    "header-spelling": _("The rule lists %(entry)s: %(name)s differs by only one letter."),
    "wider-rule": _(
        "The path rule %(entry)s allows %(name)s, but the rule %(rule)s is more specific and "
        "decides."
    ),
    # Origins.
    "disabled": _("The entry %(entry)s is disabled."),
    "expired": _("The entry %(entry)s expired on %(until)s, %(ago)s ago."),
    "not-yet-valid": _("The entry %(entry)s becomes valid on %(from)s."),
    "exclusive": _(
        "The entry %(entry)s applies to other paths, but this path rule admits only origins "
        "scoped to it."
    ),
    "scope-prefix": _(
        "The entry %(entry)s is only for %(scope)s, which begins with %(prefix)s, where the project "
        "is mounted. Scopes are compared with the rest of the path: %(path)s."
    ),
    "scope": _("The entry %(entry)s is only for %(scope)s, not for %(path)s."),
    "case": _("The origin differs only in case: a browser sends %(sent)s, which %(entry)s covers."),
    "form": _("A browser sends %(sent)s instead, which the entry %(entry)s covers."),
    "invalid-entry": _("The entry %(entry)s is not valid. Written as %(mended)s, it would match."),
    "scheme": _("The entry %(entry)s differs only in the scheme: it would match with %(scheme)s."),
    "machine": _("The entry %(entry)s is another name for the same machine, but another origin."),
    "www": _("The entry %(entry)s differs only in the www."),
    "port": _("The entry %(entry)s differs only in the port: the page's port is %(port)s."),
    "scheme-and-port": _("The entry %(entry)s has the same host, but another scheme and port."),
    "www-and-scheme": _("The entry %(entry)s differs in the www and in the scheme."),
    "machine-and-port": _(
        "The entry %(entry)s is another name for the same machine, with another port."
    ),
    "machine-and-scheme": _(
        "The entry %(entry)s is another name for the same machine, with another scheme."
    ),
    "opaque-case": _(
        "The entry %(entry)s differs only in case, and hosts of applications are case-sensitive."
    ),
    "label": _(
        "The wildcard of the entry %(entry)s stands for one or more of a-z, 0-9, - and _ within "
        "the first label: %(host)s does not fit."
    ),
    "apex": _("The entry %(entry)s covers names below %(host)s, but not %(host)s itself."),
    "subdomain": _("The entry %(entry)s covers only that host and nothing below it."),
    "parent": _("The entry %(entry)s covers only that host and not %(host)s above it."),
    "sibling": _("The entry %(entry)s differs only in one label of the host."),
    "other-tenant": _(
        "The origin is listed for %(tenant)s, but this request does not belong to that tenant."
    ),
}
_NEAREST_FIRST: Final = tuple(SENTENCES)


class NearMiss(NamedTuple):
    """What a call almost matched, its tenant, and one sentence about the difference.

    `entry` is the text that is near: an origin entry, a path, a method, a header, a host or a slug.
    `tenant` is blank for a setting.
    """

    kind: str
    tenant: str
    entry: str
    sentence: str

    @property
    def place(self) -> int:
        """Return the rank of its kind among all kinds, 0 for the nearest."""
        return _NEAREST_FIRST.index(self.kind)


def near_miss(kind: str, tenant: str, entry: str, /, **facts: str) -> NearMiss:
    """Return a near miss with its sentence in the active language.

    `facts` fill the sentence unchanged; an `entry` among them replaces the one shown.
    """
    texts = {"tenant": tenant, "entry": shown(entry), **facts}
    return NearMiss(kind, tenant, entry, str(SENTENCES[kind]) % texts)
