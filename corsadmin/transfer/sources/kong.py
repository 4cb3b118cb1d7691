"""Carry over the CORS plugins of Kong's declarative configuration, in YAML or JSON."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.yaml_format import load_yaml
from corsadmin.transfer.records.coerce import wrong_type
from corsadmin.transfer.sources.carried import Carried
from corsadmin.transfer.sources.kong_plugin import terms_of, texts_of, truth_of
from corsadmin.transfer.sources.places import (
    Place,
    Terms,
    carry_places,
    prefix_patterns,
)
from corsadmin.transfer.sources.regexes import paths_around, translate_path

_ASKS_MORE: Final = ("methods", "headers", "snis", "sources", "destinations", "expression")
_HTTP: Final = frozenset({"http", "https"})
# How near a plugin is to a route: the nearest counts, alone.
_BOTH, _ROUTE, _OWNER, _GLOBAL, _NOT_OF_IT = range(5)
# A path with one of these was a regex before version 3 of the format.
_REGEX_SIGNS: Final = frozenset("\\()[]{}*+?^$|")
Object = Mapping[str, Any]


class _Plugin(NamedTuple):
    of: str
    config: Object


class _Route(NamedTuple):
    name: str
    written: Object
    plugin: _Plugin | None


def carry_configuration(text: str, hosts: Sequence[str] = ()) -> Carried:
    """Return what the configuration says for some hosts, or for those of its first route.

    Raises BrokenTextError for what is no configuration.
    """
    document = _read(text)
    carried = Carried()
    routes = list(_routes(document))
    if not any(route.plugin for route in routes):
        raise BrokenTextError("", "no route has a plugin named cors that is enabled")
    carry_places(carried, _places(carried, document, routes, hosts or _hosts(routes[0])))
    return carried


def _places(
    carried: Carried, document: Object, routes: list[_Route], hosts: Sequence[str]
) -> Iterator[Place]:
    """Yield the paths of the routes, with what the plugin allows that holds for each."""
    is_old = not str(document.get("_format_version", "3")).startswith("3")
    known: dict[str, Terms] = {}
    # A route that names hosts is asked before one for every host that asks for no more.
    named = any(_hosts(one) and _share(one, hosts, named=False) == "all" for one in routes)
    stripped = []
    for route in routes:
        share = _share(route, hosts, named=named)
        why = _why_not(route, share, hosts)
        if why and route.plugin:
            carried.remark(f"route {route.name}", why)
        if share == "none":
            continue
        terms = None
        if route.plugin and not why:
            key = repr(route.plugin)
            if key not in known:
                known[key] = terms_of(carried, *route.plugin)
            terms = known[key]
            stripped += [route.name] * _is_stripped(route)
        for path in texts_of(route.written, "paths") or ["/"]:
            place = _place(carried, route.name, terms, path, is_old=is_old)
            yield replace(place, first=True) if why else place
    _remark_on_stripped(carried, stripped)


def _why_not(route: _Route, share: str, hosts: Sequence[str]) -> str:
    """Return why what holds for a route cannot be said by the path alone, or blank."""
    more = " and ".join(name for name in _ASKS_MORE if route.written.get(name))
    if share != "all":
        own, wanted = (", ".join(names) or "every host" for names in (_hosts(route), hosts))
        return (
            f"it is for {own}, and this import for {wanted}. Put it into a file of its own, and "
            "import that into the tenant of its hosts."
        )
    if more:
        return (
            f"it asks for {more}, a rule here for the path alone. Take {more} out of the file if "
            "the site itself refuses the others."
        )
    return ""


def _share(route: _Route, hosts: Sequence[str], *, named: bool) -> str:
    """Return for how many of the hosts a route is: all, some or none."""
    own = _hosts(route)
    if not own:
        # The more a route asks for, the sooner it is asked.
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


def _place(carried: Carried, name: str, terms: Terms | None, path: str, *, is_old: bool) -> Place:
    what = f"route {name}"
    is_regex = path.startswith("~") or (is_old and bool(_REGEX_SIGNS.intersection(path)))
    if not is_regex:
        patterns, beyond = prefix_patterns(path)
        return Place(what, terms, patterns, beyond)
    regex = path.removeprefix("~")
    found = translate_path(regex)
    if found.why and terms is not None:
        carried.remark(f"{what}: {path}", found.why, " or ".join(found.nearest))
    # Kong asks regexes before it asks what they begin with.
    around = paths_around(regex) if found.why else ()
    return Place(what, terms, found.exact, around=around, first=True)


def _is_stripped(route: _Route) -> bool:
    has_path = bool(set(texts_of(route.written, "paths")) - {"/"})
    return has_path and truth_of(route.written, "strip_path", default=True)


def _remark_on_stripped(carried: Carried, names: list[str]) -> None:
    if names:
        carried.remark(
            f"strip_path of {', '.join(names)}",
            "Kong takes the path away before it asks the service. The rules are for the paths "
            "that browsers ask; if Kong stays in front of the site, change them to those it sees.",
        )


def _hosts(route: _Route) -> list[str]:
    return sorted(texts_of(route.written, "hosts"))


def _routes(document: Object) -> Iterator[_Route]:
    """Yield every route of HTTP with the plugin that holds for it."""
    shared = _object(document, "_plugin_configs")
    apart = _objects(document, "plugins")
    backends = _objects(document, "services")
    nested = [(backend, route) for backend in backends for route in _objects(backend, "routes")]
    for route in _objects(document, "routes"):
        owner: Object = next((one for one in backends if _means(route.get("service"), one)), {})
        nested.append((owner, route))
    for number, (backend, route) in enumerate(nested, 1):
        if not _is_for_http(route):
            continue
        name = str(route.get("name") or number)
        # What names a route counts before what names a service, and that before what names none.
        ranked = [(_ROUTE, f"route {name}", one) for one in _objects(route, "plugins")]
        of = f"service {backend.get('name')}"
        ranked += [(_OWNER, of, one) for one in _objects(backend, "plugins")]
        for one in apart:
            rank = _rank(one, route, backend)
            of = {_GLOBAL: "the global plugin", _OWNER: of}.get(rank, f"route {name}")
            ranked += [(rank, of, one)] * (rank != _NOT_OF_IT)
        ranked.sort(key=lambda found: found[0])
        cors = [
            _Plugin(f"cors of {of}", _config(one, shared)) for _, of, one in ranked if _is_cors(one)
        ]
        yield _Route(name, route, cors[0] if cors else None)


def _rank(plugin: Object, route: Object, backend: Object) -> int:
    """Return how near a plugin that stands apart is to a route; _NOT_OF_IT for another's."""
    of_route, of_backend = plugin.get("route"), plugin.get("service")
    if (
        (of_route and not _means(of_route, route))
        or (of_backend and not _means(of_backend, backend))
        or plugin.get("consumer")
        or plugin.get("consumer_group")
    ):
        return _NOT_OF_IT
    if of_route:
        return _BOTH if of_backend else _ROUTE
    return _OWNER if of_backend else _GLOBAL


def _means(name: object, owner: Object) -> bool:
    """Report whether a reference, a name or an id, means this service or route."""
    names = name.values() if isinstance(name, dict) else [name]
    return any(one and one in (owner.get("name"), owner.get("id")) for one in names)


def _is_cors(plugin: Object) -> bool:
    is_on = plugin.get("name") == "cors" and truth_of(plugin, "enabled", default=True)
    return is_on and _is_for_http(plugin)


def _is_for_http(owner: Object) -> bool:
    protocols = texts_of(owner, "protocols")
    return not protocols or not _HTTP.isdisjoint(protocols)


def _config(plugin: Object, shared: Object) -> Object:
    """Return a plugin's configuration, with what decK keeps apart for several."""
    common: Any = shared.get(str(plugin["_config"])) if plugin.get("_config") else {}
    if not isinstance(common, dict):
        raise BrokenTextError("_config", f"_config: {wrong_type('an object', common)}")
    return {**common, **_object(plugin, "config")}


def _object(owner: Object, name: str) -> Object:
    value = owner.get(name) or {}
    if not isinstance(value, dict):
        raise BrokenTextError(name, f"{name}: {wrong_type('an object', value)}")
    return value


def _objects(owner: Object, name: str) -> list[Any]:
    values = owner.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise BrokenTextError(name, f"{name}: {wrong_type('a list of objects', values)}")
    return values


def _read(text: str) -> Object:
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BrokenTextError("", f"it is no JSON ({error})") from None
    else:
        try:
            document = load_yaml(io.BytesIO(text.encode()))
        except BrokenTextError as error:
            reason = ": ".join(filter(None, [error.place, error.reason]))
            raise BrokenTextError(error.place, reason) from None
    if not isinstance(document, dict) or not {"services", "routes"} & document.keys():
        reason = "it is no declarative configuration of Kong: it has no services and no routes"
        raise BrokenTextError("", reason)
    return document
