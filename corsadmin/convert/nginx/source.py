"""Read the CORS part of an nginx configuration as policies."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy
from corsadmin.convert.nginx.origins import named_patterns
from corsadmin.convert.nginx.own_export import find_export, read_export
from corsadmin.convert.nginx.parse import Directive, descendants, parse_directives
from corsadmin.convert.nginx.policy import location_policy
from corsadmin.convert.nginx.simulator import (
    Chain,
    check_followed,
    is_harmless,
    names_cors,
)
from corsadmin.convert.nginx.variables import UnclearError, Variables, condition_words
from corsadmin.convert.regexes import begins_with_text, paths_around, translate_path
from corsadmin.convert.routes import (
    Route,
    check_count,
    convert_routes,
    enclosing_patterns,
    path_pattern,
    prefix_patterns,
)
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.diagnostics import file_value

_MODIFIERS: Final = ("=", "^~", "~*", "~", "@")
# The fewest arguments that nginx accepts for each.
_MIN_ARGUMENTS: Final = {
    "if": 1,
    "include": 1,
    "location": 1,
    "return": 1,
    "add_header": 2,
    "error_page": 2,
    "map": 2,
    "rewrite": 2,
    "set": 2,
    "try_files": 2,
}
# Each origin is simulated in each location and compared in each condition, a few µs each.
_MAX_COMPARED: Final = 300_000
_PER_LOCATION: Final = 10  # comparisons that one origin costs in a location
_WITHOUT_VALUE: Final = frozenset({"volatile", "hostnames"})
_MAX_FILES_NAMED: Final = 5  # unread files that a message names
_OF_SERVERS: Final = frozenset({"map", "server", "upstream", "log_format", "types"})


class _Site(NamedTuple):
    """One server, the http block around it, and its values."""

    http: Directive
    server: Directive
    values: Variables
    patterns: tuple[str, ...]


def read_policies(text: str, hosts: Sequence[str] = ()) -> Conversion:
    """Return the policies of a configuration for some hosts, or of its first server with CORS.

    Raises BrokenTextError for a text that is not such a configuration.
    """
    conversion = Conversion()
    http = _http(parse_directives(text))
    _check_counts(http)
    maps = tuple(one for one in http.block or () if one.name == "map")
    server = _choose(conversion, http, hosts)
    exported = find_export(server)
    if exported:
        read_export(conversion, exported, maps, server)
        return conversion
    for one in http.block or ():
        if one.name == "include" and not is_harmless(one):
            conversion.remark(
                str(one), "the file is not read. Replace this line with its contents."
            )
    names = {one.arguments[0].removeprefix("$") for one in descendants(server) if one.name == "set"}
    patterns = tuple(named_patterns(conversion, maps, server))
    _check_work(len(patterns), maps, server)
    site = _Site(http, server, Variables(maps, names), patterns)
    convert_routes(conversion, _routes(conversion, site, (http, server)))
    return conversion


def _check_counts(http: Directive) -> None:
    """Raise BrokenTextError for a directive with fewer arguments than nginx accepts."""
    for one in descendants(http):
        fewer = len(one.arguments) < _MIN_ARGUMENTS.get(one.name, 0)
        cases = one.block or () if one.name == "map" else ()
        bare = [case for case in cases if not case.arguments and case.name not in _WITHOUT_VALUE]
        fewer = fewer or (one.name == "if" and not condition_words(one))
        for broken in (*bare, *[one] * fewer):
            raise BrokenTextError(f"line {broken.line}", f"{broken}: an argument is missing")


def _check_work(origins: int, maps: tuple[Directive, ...], server: Directive) -> None:
    """Raise BrokenTextError if there are too many origins, locations and conditions to follow."""
    names = [one.name for one in descendants(server)]
    check_count(names.count("location"))
    locations = names.count("location") + 1
    regexes = sum(case.name.startswith("~") for one in maps for case in one.block or ())
    conditions = names.count("if") + regexes
    if origins * (locations * _PER_LOCATION + conditions) > _MAX_COMPARED:
        reason = (
            f"it has {origins:,} origins, {locations:,} locations and {conditions:,} conditions, too "
            "many to follow together. Split it into files with fewer locations or fewer origins"
        )
        raise BrokenTextError("", reason)


def _http(directives: tuple[Directive, ...]) -> Directive:
    """Return the http block, or one made of a file that has none."""
    found = [one for one in directives if one.name == "http" and one.block is not None]
    inside = tuple(one for block in found for one in block.block or ()) if found else directives
    if not any(one.name == "server" for one in inside):
        # The file is the contents of a server block.
        own = tuple(one for one in inside if one.name not in _OF_SERVERS)
        inside = (*(one for one in inside if one.name == "map"), Directive("server", (), own, 1))
    return Directive("http", (), inside, 1)


def _choose(conversion: Conversion, http: Directive, hosts: Sequence[str]) -> Directive:
    servers = [one for one in http.block or () if one.name == "server" and one.block is not None]
    with_cors = [one for one in servers if names_cors(one)]
    if not with_cors:
        reason = "it sends no CORS header (add_header Access-Control-…)"
        raise BrokenTextError("", reason + _beside_unread(http))
    fitting = [one for one in with_cors if all(_is_for(one, host) for host in hosts)]
    if not fitting:
        reason = f"no server with CORS headers is for the tenant's hosts {', '.join(hosts)}"
        raise BrokenTextError("", reason + _beside_unread(http))
    for one in with_cors:
        if one is not fitting[0]:
            why = (
                f"only the server of line {fitting[0].line} is carried over. Put this one into a "
                "file of its own, and import that into the tenant of its hosts."
            )
            conversion.remark(f"line {one.line}: server {' '.join(_names(one))}", why)
    return fitting[0]


def _beside_unread(http: Directive) -> str:
    """Return the end of an error if nothing was found: the unread files, and what to do."""
    unread = [one for one in descendants(http) if one.name == "include" and not is_harmless(one)]
    if not unread:
        return ""
    lines = "; ".join(file_value(str(one)) for one in unread[:_MAX_FILES_NAMED])
    more = f"; and {len(unread) - _MAX_FILES_NAMED} more" if len(unread) > _MAX_FILES_NAMED else ""
    way_out = "put their contents there, or name the file with the server"
    return f". Files that it includes are not read ({lines}{more}): {way_out}"


def _names(server: Directive) -> list[str]:
    return [
        name
        for one in server.block or ()
        if one.name == "server_name"
        for name in one.arguments
        if name not in ("_", "")
    ]


def _is_for(server: Directive, host: str) -> bool:
    names = _names(server)
    return not names or any(
        name in (host, f".{host}")
        or (name.startswith(("*.", ".")) and host.endswith(name.removeprefix("*")))
        or (name.endswith(".*") and host.startswith(name[:-1]))
        for name in names
    )


def _routes(conversion: Conversion, site: _Site, chain: Chain) -> Iterator[Route]:
    """Yield the routes of the locations in a block, and of the rest of a server."""
    locations = [one for one in chain[-1].block or () if one.name == "location"]
    for one in locations:
        yield from _routes(conversion, site, (*chain, one))
    own = chain[-1]
    if own is site.server:
        if not any(_split(one)[1] == "/" and _split(one)[0] in ("", "^~") for one in locations):
            what = f"the server of line {own.line}"
            yield Route(what, _policy(conversion, what, site, chain), ("/",))
        return
    modifier, path = _split(own)
    what = f"location {' '.join(own.arguments)} (line {own.line})"
    if modifier == "@":
        if names_cors(own):
            conversion.remark(what, "no path leads there, only other locations do.")
        return
    if modifier.startswith("~") and Directive("deny", ("all",)) in (own.block or ()):
        return
    yield _route(conversion, what, modifier, path, _policy(conversion, what, site, chain))


def _route(
    conversion: Conversion, what: str, modifier: str, path: str, policy: CorsPolicy | None
) -> Route:
    if modifier.startswith("~"):
        is_exact = modifier == "~" and begins_with_text(path)
        found = translate_path(path) if is_exact else None
        if found and not found.why:
            return Route(what, policy, found.exact, first=True)
        if policy is not None:
            why = found.why if found else "no path pattern covers exactly the same."
            conversion.remark(what, why, " or ".join(found.nearest) if found else "")
        around = paths_around(path) if is_exact else ("/",)
        return Route(what, policy, found.exact if found else (), around=around, first=True)
    if modifier == "=":
        pattern = path_pattern(path)
        if pattern:
            return Route(what, policy, (pattern,), firm=True)
        if policy is not None:
            conversion.remark(what, "no path pattern covers exactly the same.")
        return Route(what, policy, around=enclosing_patterns(path))
    patterns, beyond = prefix_patterns(path)
    return Route(what, policy, patterns, beyond, firm=modifier == "^~")


def _split(location: Directive) -> tuple[str, str]:
    """Return the modifier of a location, blank for none, and its path."""
    text = "".join(location.arguments)
    modifier = next((one for one in _MODIFIERS if text.startswith(one)), "")
    return modifier, text.removeprefix(modifier)


def _policy(conversion: Conversion, what: str, site: _Site, chain: Chain) -> CorsPolicy | None:
    own = chain[2:] or (site.server,)
    names = any(names_cors(one) for block in own for one in block.block or () if _is_own(one))
    try:
        check_followed(chain)
        policy = location_policy(conversion, what, site.values, chain, site.patterns)
    except UnclearError as error:
        if names or any(map(names_cors, filter(_is_own, site.server.block or ()))):
            conversion.remark(what, f"it is closed here. {error.directive}: {error.why}")
        return None
    if names and policy is None:
        conversion.remark(what, "as far as corsadmin can tell, it allows no origin.")
    return policy


def _is_own(one: Directive) -> bool:
    return one.name != "location"
