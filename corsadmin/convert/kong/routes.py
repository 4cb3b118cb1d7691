"""Find the routes of a Kong configuration, each with the CORS plugin that applies to it."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from corsadmin.convert.kong.parse import Object, object_of, objects_of, texts_of, truth_of
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.coerce import wrong_type

_HTTP: Final = frozenset({"http", "https"})
# How close a plugin is to a route. Only the closest plugin applies.
_BOTH, _ROUTE, _OWNER, _GLOBAL, _NOT_OF_IT = range(5)


class CorsPlugin(NamedTuple):
    """An enabled CORS plugin. `of` names what it belongs to, for remarks."""

    of: str
    config: Object


class PluginRoute(NamedTuple):
    """A route as written, and the CORS plugin that applies to it, if any."""

    name: str
    written: Object
    plugin: CorsPlugin | None


def routes_with_plugin(document: Object) -> Iterator[PluginRoute]:
    """Yield every HTTP route with the plugin that applies to it."""
    shared = object_of(document, "_plugin_configs")
    apart = objects_of(document, "plugins")
    backends = objects_of(document, "services")
    nested = [(backend, route) for backend in backends for route in objects_of(backend, "routes")]
    for route in objects_of(document, "routes"):
        owner: Object = next((one for one in backends if _means(route.get("service"), one)), {})
        nested.append((owner, route))
    for number, (backend, route) in enumerate(nested, 1):
        if not _is_for_http(route):
            continue
        name = str(route.get("name") or number)
        # A plugin for a route comes before one for a service, and that before a global one.
        ranked = [(_ROUTE, f"route {name}", one) for one in objects_of(route, "plugins")]
        owner_title = f"service {backend.get('name')}"
        titles = {_GLOBAL: "the global plugin", _OWNER: owner_title}
        ranked += [(_OWNER, owner_title, one) for one in objects_of(backend, "plugins")]
        for one in apart:
            rank = _rank(one, route, backend)
            of = titles.get(rank, f"route {name}")
            ranked += [(rank, of, one)] * (rank != _NOT_OF_IT)
        ranked.sort(key=lambda found: found[0])
        cors = [
            CorsPlugin(f"cors of {of}", _config(one, shared))
            for _, of, one in ranked
            if _is_cors(one)
        ]
        yield PluginRoute(name, route, cors[0] if cors else None)


def _rank(plugin: Object, route: Object, backend: Object) -> int:
    """Return how close a top-level plugin is to a route; _NOT_OF_IT if it does not apply."""
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
    """Return a plugin's configuration, merged with a shared one that decK keeps for several."""
    common: Any = shared.get(str(plugin["_config"])) if plugin.get("_config") else {}
    if not isinstance(common, dict):
        raise BrokenTextError("_config", f"_config: {wrong_type('an object', common)}")
    return {**common, **object_of(plugin, "config")}
