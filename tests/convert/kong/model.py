"""Kong, as far as its CORS plugin and the way to it: a model of what its code does.

The plugin is kong/plugins/cors/handler.lua of Kong 3.5 and later (commit 01789df), function by
function; the router is that of kong/router/traditional.lua, as far as paths, hosts, methods and
headers go; the plugin that holds is the one of the route, otherwise of its service, otherwise the
global one.
"""

import re

HOST = "acme.localhost"
PLAIN = re.compile(r"[A-Za-z0-9.:/-]+")


def kong(document):
    """Return how a Kong with this configuration is asked; its services answer without CORS."""
    routes = [
        (route, _plugin(document, service, route))
        for service in document.get("services", [])
        for route in service.get("routes", [])
    ]

    def ask(method, path, headers):
        found = [
            entry
            for route, entry in routes
            for entry in [_match(route, entry, method, path, headers)]
            if entry
        ]
        if not found:
            return {}
        _attributes, config = max(found, key=lambda one: one[0])
        return {} if config is None else _answer(config, method, headers)

    return ask


def _plugin(document, service, route):
    for owner in (route, service, document):
        for plugin in owner.get("plugins", []):
            if plugin["name"] == "cors" and plugin.get("enabled", True):
                return plugin.get("config", {})
    return None


def _match(route, config, method, path, headers):
    """Return how strongly a route fits, with the configuration, or None."""
    asked = {name.lower(): value for name, value in headers.items()}
    wanted = route.get("headers", {})
    paths = [one for one in route.get("paths", []) if _fits(one, path)]
    named = {
        "hosts": HOST in route.get("hosts", []),
        "headers": all(asked.get(one) in values for one, values in wanted.items()),
        "paths": bool(paths),
        "methods": method in route.get("methods", []),
    }
    given = [bool(route.get(name)) for name in named]
    if any(is_given and not fits for is_given, fits in zip(given, named.values(), strict=True)):
        return None
    # How many are given, then which, then a regex before a prefix, then the longer one.
    longest = max(((one.startswith("~"), len(one)) for one in paths), default=(False, 0))
    return (sum(given), given, longest), config


def _fits(text, path):
    return re.match(text[1:], path) if text.startswith("~") else path.startswith(text)


def _answer(conf, method, headers):
    """access(), and header_filter() where that does not end the request."""
    req_origin = headers.get("Origin")
    sent: dict[str, str] = {}
    if method == "OPTIONS" and req_origin and headers.get("Access-Control-Request-Method"):
        if conf.get("preflight_continue"):
            return {}
        allow_all = _configure_origin(conf, sent, req_origin)
        _configure_credentials(conf, sent, req_origin, allow_all=allow_all)
        asked = headers["Access-Control-Request-Headers"]
        listed = ",".join(conf.get("headers") or ())
        sent["access-control-allow-headers"] = listed or asked
        methods = conf.get("methods")
        sent["access-control-allow-methods"] = (
            "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT"
            if methods is None
            else ",".join(methods)
        )
        return sent
    allow_all = _configure_origin(conf, sent, req_origin)
    _configure_credentials(conf, sent, req_origin, allow_all=allow_all)
    if conf.get("exposed_headers"):
        sent["access-control-expose-headers"] = ",".join(conf["exposed_headers"])
    return sent


def _configure_origin(conf, sent, req_origin):
    origins = conf.get("origins") or []
    if not origins or origins == ["*"]:
        sent["access-control-allow-origin"] = "*"
        return True
    if len(origins) == 1 and PLAIN.fullmatch(origins[0]):
        sent["access-control-allow-origin"] = origins[0]
        return False
    domain, host = _normalize_origin(req_origin)
    for entry in origins:
        if entry == "*":
            sent["access-control-allow-origin"] = "*"
            return True
        if PLAIN.fullmatch(entry):
            found = domain == _normalize_origin(entry)[0]
        else:
            regex = (
                entry.removeprefix("^") if entry.endswith("$") else entry.removeprefix("^") + "$"
            )
            # "ajo": from the beginning.
            found = re.match(regex, domain if ":" in entry else host)
        if found:
            sent["access-control-allow-origin"] = domain
            return False
    return False


def _configure_credentials(conf, sent, req_origin, *, allow_all):
    if not conf.get("credentials"):
        return
    sent["access-control-allow-credentials"] = "true"
    if allow_all:
        sent["access-control-allow-origin"] = req_origin


def _normalize_origin(text):
    """What socket.url.parse makes of it: (scheme://host[:port], host)."""
    scheme, _, rest = text.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    if (scheme, port) in (("http", "80"), ("https", "443")):
        port = ""
    return f"{scheme}://{host}" + (f":{port}" if port else ""), host
