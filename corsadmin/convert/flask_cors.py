"""Read the `resources` mapping of flask-cors, written as JSON, as policies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy
from corsadmin.convert.parsing import load_json
from corsadmin.convert.regexes import (
    in_lower_case,
    paths_around,
    translate_origin,
    translate_path,
)
from corsadmin.convert.routes import Route, convert_routes, enclosing_patterns, path_pattern
from corsadmin.engine.paths import check_path
from corsadmin.messages import describe
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.coerce import wrong_type

# The defaults of version 6.0.
_METHODS: Final = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
# flask-cors treats a text as a regex if it contains one of these.
_REGEX_SIGNS: Final = frozenset("*\\]?$^[]()")
_EVERYTHING: Final = frozenset({"*", ".*"})
_KNOWN: Final = frozenset({
    *("origins", "methods", "allow_headers", "expose_headers", "supports_credentials", "max_age"),
    *("vary_header", "automatic_options", "send_wildcard", "always_send", "intercept_exceptions"),
})  # fmt: skip
Options = Mapping[str, object]


def read_policies(text: str, _hosts: Sequence[str] = ()) -> Conversion:
    """Return the policies of a mapping in JSON. Raises BrokenTextError for anything else."""
    conversion = Conversion()
    convert_routes(conversion, _routes(conversion, _parse(text)))
    return conversion


def _parse(text: str) -> Mapping[str, Options]:
    resources = load_json(text)
    if not isinstance(resources, dict):
        raise BrokenTextError("", wrong_type("an object of path: options", resources))
    for path, options in resources.items():
        if not isinstance(options, dict):
            raise BrokenTextError(path, f"{path}: {wrong_type('an object of options', options)}")
    return resources


def _routes(conversion: Conversion, resources: Mapping[str, Options]) -> Iterator[Route]:
    """Yield the paths of the resources, in the order in which flask-cors tries them."""
    asked: set[str] = set()
    for path, options in sorted(resources.items(), key=lambda item: _rank(item[0])):
        route = _route(conversion, path, _policy(conversion, path, options))
        own = tuple(one for one in route.patterns if one not in asked)
        yield replace(route, patterns=own, after=frozenset(asked))
        asked.update(own)


def _rank(path: str) -> tuple[bool, int, int]:
    regex = _regex(path)
    return (_is_regex(regex), -regex.count("/"), -len(regex))


def _regex(path: str) -> str:
    return ".*" if path == "*" else path


def _is_regex(text: str) -> bool:
    return not _REGEX_SIGNS.isdisjoint(text)


def _route(conversion: Conversion, path: str, policy: CorsPolicy) -> Route:
    what = f"resource {path}"
    regex = _regex(path)
    if not _is_regex(regex):
        return _literal_route(conversion, what, path, policy)
    prefix = regex.removesuffix("/*")
    if prefix != regex and not _is_regex(prefix) and check_path(f"{prefix}/") is None:
        # `/api/*` as everybody means it, although as a regex it says something else.
        if prefix:
            conversion.remark(
                path, f"flask-cors also matches every path that begins with {prefix}."
            )
        bounded = f"^{prefix}/.*$"
        return Route(what, policy, (f"{prefix}/",), prefix, first=True, bounded=bounded)
    found = translate_path(regex)
    if not found.why:
        return Route(what, policy, found.exact, first=True)
    conversion.remark(path, found.why, " or ".join(found.nearest))
    return Route(what, policy, found.exact, around=paths_around(regex), first=True)


def _literal_route(conversion: Conversion, what: str, path: str, policy: CorsPolicy) -> Route:
    """Return the route of a resource that is a single path, without the paths below it."""
    problem = check_path(path)
    if problem is not None:
        conversion.remark(path, describe(problem))
        return Route(what, policy, around=enclosing_patterns(path))
    return Route(what, policy, (path_pattern(path),), firm=True)


def _policy(conversion: Conversion, path: str, options: Options) -> CorsPolicy:
    """Return the policy that the options of a resource express."""
    for name in sorted(options.keys() - _KNOWN):
        conversion.remark(f"{path} {name}", "corsadmin does not know this option.")
    credentials = bool(options.get("supports_credentials", False))
    origins = _texts(path, options, "origins", ["*"])
    any_origin = not _EVERYTHING.isdisjoint(origins)
    if any_origin and credentials:
        conversion.remark(
            f"{path} origins '*' with supports_credentials",
            "every website could read it with its visitors' cookies. Only the listed origins are "
            "carried over.",
        )
        origins = [one for one in origins if one not in _EVERYTHING]
        any_origin = False
    rule: dict[str, object] = {"any_origin": any_origin, "credentials": credentials}
    rule |= _preflight(conversion, path, options, credentials=credentials)
    rule["exposed_headers"] = conversion.exposed_headers(
        _split(_texts(path, options, "expose_headers", [])),
        f"{path} expose_headers",
        credentials=credentials,
    )
    found = [] if any_origin else _origins(conversion, path, origins)
    return CorsPolicy(rule, dict.fromkeys(found, credentials))


def _preflight(
    conversion: Conversion, path: str, options: Options, *, credentials: bool
) -> dict[str, object]:
    """Return the fields of preflight responses; empty if the list has no method besides a star."""
    names = [one.upper() for one in _split(_texts(path, options, "methods", _METHODS))]
    if "*" in names:
        why = (
            "flask-cors looks the method up in this list, so the star allowed nothing. Add it to the "
            "rule if listed origins may use whatever method they request."
        )
        conversion.remark(f"{path} methods '*'", why)
    named = [one for one in names if one != "*"]
    headers = _texts(path, options, "allow_headers", ["*"]) if named else []
    echoed = not _EVERYTHING.isdisjoint(headers)
    literal = [one for one in headers if not _is_regex(one)]
    for pattern in () if echoed else headers:
        if _is_regex(pattern):
            why = "a rule has no patterns for headers. List the names."
            conversion.remark(f"{path} allow_headers {pattern!r}", why)
    if headers:
        why = "requests with them and these headers were refused"
        conversion.remark_on_simple_methods(named, f"{path} methods", why)
    return {
        "methods": conversion.methods(named, f"{path} methods", credentials=credentials),
        "request_headers": conversion.request_headers(
            literal, f"{path} allow_headers", credentials=credentials, echoed=echoed
        ),
        # flask-cors sends no header for 0.
        "max_age": conversion.max_age(
            (named and options.get("max_age")) or None, f"{path} max_age"
        ),
    }


def _origins(conversion: Conversion, path: str, origins: list[str]) -> list[str]:
    found: list[str] = []
    for origin in origins:
        # flask-cors ignores the case of both, and browsers send origins in lower case.
        if _is_regex(origin):
            translation = translate_origin(in_lower_case(origin))
            found += translation.exact
            if translation.why:
                nearest = " or ".join(translation.nearest)
                conversion.remark(f"{path} {origin}", translation.why, nearest)
            continue
        if conversion.can_hold(origin.lower(), f"{path} {origin}"):
            found.append(origin.lower())
    return found


def _texts(path: str, options: Options, name: str, default: object) -> list[str]:
    """Return a text or a list of texts as a list. Raises BrokenTextError."""
    value = options.get(name, default)
    if value is None:
        return []
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, str) for one in values):
        reason = f"{path} {name}: {wrong_type('a string or a list of strings', value)}"
        raise BrokenTextError(f"{path} {name}", reason)
    return list(values)


def _split(texts: list[str]) -> list[str]:
    """Return the names in texts, each of which may list several, separated by commas."""
    return [name for text in texts for name in map(str.strip, text.split(",")) if name]
