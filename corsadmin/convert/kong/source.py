"""Read the CORS plugins of Kong's declarative configuration as policies."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy
from corsadmin.convert.kong.parse import Object, parse_configuration, texts_of, truth_of
from corsadmin.convert.kong.policy import plugin_policy
from corsadmin.convert.kong.routes import PluginRoute, routes_with_plugin
from corsadmin.convert.regexes import begins_with_text, paths_around, translate_path
from corsadmin.convert.routes import Route, convert_routes, prefix_patterns
from corsadmin.transfer.formats.document_source import BrokenTextError

_ASKS_MORE: Final = ("methods", "headers", "snis", "sources", "destinations", "expression")
# Before version 3 of the format, a path with one of these was a regex.
_REGEX_SIGNS: Final = frozenset("\\()[]{}*+?^$|")


def read_policies(text: str, hosts: Sequence[str] = ()) -> Conversion:
    """Return the policies of a configuration for some hosts, or for those of its first route.

    Raises BrokenTextError if the text is not a configuration of Kong.
    """
    document = parse_configuration(text)
    conversion = Conversion()
    written = list(routes_with_plugin(document))
    if not any(route.plugin for route in written):
        raise BrokenTextError("", "no route has a plugin named cors that is enabled")
    routes = _routes(conversion, document, written, hosts or _hosts(written[0]))
    convert_routes(conversion, routes)
    return conversion


def _routes(
    conversion: Conversion, document: Object, written: list[PluginRoute], hosts: Sequence[str]
) -> Iterator[Route]:
    """Yield the paths of the routes, each with the policy of the plugin that applies to it."""
    is_old = not str(document.get("_format_version", "3")).startswith("3")
    known: dict[str, CorsPolicy] = {}
    # Kong tries a route that names hosts before one that matches every host and nothing more.
    named = any(_hosts(one) and _share(one, hosts, named=False) == "all" for one in written)
    stripped = []
    for route in written:
        share = _share(route, hosts, named=named)
        why = _why_not(route, share, hosts)
        if why and route.plugin:
            conversion.remark(f"route {route.name}", why)
        if share == "none":
            continue
        policy = None
        if route.plugin and not why:
            key = repr(route.plugin)
            if key not in known:
                known[key] = plugin_policy(conversion, *route.plugin)
            policy = known[key]
            stripped += [route.name] * _is_stripped(route)
        for path in texts_of(route.written, "paths") or ["/"]:
            found = _route(conversion, route.name, policy, path, is_old=is_old)
            yield replace(found, first=True) if why else found
    _remark_on_stripped(conversion, stripped)


def _why_not(route: PluginRoute, share: str, hosts: Sequence[str]) -> str:
    """Return why a path alone cannot express a route, or blank."""
    more = " and ".join(name for name in _ASKS_MORE if route.written.get(name))
    if share != "all":
        own, wanted = (", ".join(names) or "every host" for names in (_hosts(route), hosts))
        return (
            f"it is for {own}, but this import is for {wanted}. Put it into a file of its own, and "
            "import that into the tenant of its hosts."
        )
    if more:
        return (
            f"it also matches by {more}, but a rule here matches the path alone. Remove {more} from "
            "the file if the site itself refuses the other calls."
        )
    return ""


def _share(route: PluginRoute, hosts: Sequence[str], *, named: bool) -> str:
    """Return how many of the hosts a route matches: all, some or none."""
    own = _hosts(route)
    if not own:
        # Kong tries a route earlier the more it matches by.
        asks_more = any(route.written.get(name) for name in _ASKS_MORE)
        return "all" if not named else "some" if asks_more else "none"
    count = sum(any(_fits(one, host) for one in own) for host in hosts)
    return "none" if not count else "all" if count == len(hosts) else "some"


def _fits(written: str, host: str) -> bool:
    return (
        written == host
        or (written.startswith("*.") and host.endswith(written[1:]))
        or (written.endswith(".*") and host.startswith(written[:-1]))
    )


def _route(
    conversion: Conversion, name: str, policy: CorsPolicy | None, path: str, *, is_old: bool
) -> Route:
    what = f"route {name}"
    is_regex = path.startswith("~") or (is_old and bool(_REGEX_SIGNS.intersection(path)))
    if not is_regex:
        patterns, beyond = prefix_patterns(path)
        return Route(what, policy, patterns, beyond)
    regex = path.removeprefix("~")
    found = translate_path(regex)
    if found.why and policy is not None:
        conversion.remark(f"{what}: {path}", found.why, " or ".join(found.nearest))
    # Kong tries regexes before prefixes. Since version 3 it puts one ^ before the whole regex, so it
    # searches for a second alternative anywhere.
    around: tuple[str, ...] = ("/",)
    if begins_with_text(f"^{regex}"):
        around = paths_around(regex) if found.why else ()
    return Route(what, policy, found.exact, around=around, first=True)


def _is_stripped(route: PluginRoute) -> bool:
    has_path = bool(set(texts_of(route.written, "paths")) - {"/"})
    return has_path and truth_of(route.written, "strip_path", default=True)


def _remark_on_stripped(conversion: Conversion, names: list[str]) -> None:
    if names:
        conversion.remark(
            f"strip_path of {', '.join(names)}",
            "Kong removes the path before it calls the service. The rules are for the paths that "
            "browsers call; if Kong stays in front of the site, change them to those that it sees.",
        )


def _hosts(route: PluginRoute) -> list[str]:
    return sorted(texts_of(route.written, "hosts"))
