"""Simulate how a location of nginx answers one kind of request, by following its directives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from corsadmin.convert.nginx.parse import Directive
from corsadmin.convert.nginx.variables import (
    SimulatedRequest,
    UncertainError,
    UnclearError,
    Variables,
)

# Nested blocks, the outermost first; the last one is the location.
Chain = Sequence[Directive]

_PREFIX: Final = "access-control-"
_OK: Final = 200
_FOUND: Final = 302
_DIGITS: Final = 3  # of a status
_ELSEWHERE: Final = 300
_SERVER: Final = 2  # blocks of a chain around its locations
_MAX_WORLDS: Final = 64
# Without `always`, nginx adds a header only to responses with these statuses.
_WITH_HEADERS: Final = frozenset({200, 201, 204, 206, 301, 302, 303, 304, 307, 308})
# Files that Debian and certbot install, and that contain nothing about CORS.
_HARMLESS: Final = (
    *("mime.types", "proxy_params", "fastcgi_params", "uwsgi_params", "scgi_params"),
    *("fastcgi.conf", "fastcgi-php.conf", "options-ssl-nginx.conf", "ssl-dhparams.pem"),
    *("self-signed.conf", "snakeoil.conf", "ssl-params.conf"),
)
_NEVER_FOLLOWED: Final = {
    "limit_except": "it refuses methods, preflights as well.",
    "add_header_inherit": "corsadmin does not follow how headers are inherited.",
}
_OTHERS: Final = ("more_", "header_filter_by_", "js_header_filter", "rewrite_by_", "access_by_")


@dataclass(slots=True)
class SimulatedResponse:
    """The CORS headers by lower-case name. `status` is 0 if the site behind nginx answers."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)


def names_cors(directive: Directive) -> bool:
    """Report whether a directive, or one within it, is about CORS."""
    words = (directive.name, *directive.arguments)
    hides = directive.name.endswith("_hide_header")
    return (not hides and any(word.lower().startswith(_PREFIX) for word in words)) or any(
        map(names_cors, directive.block or ())
    )


def is_harmless(include: Directive) -> bool:
    """Report whether an included file is known to contain nothing about CORS."""
    return include.arguments[0].endswith(_HARMLESS)


def check_followed(chain: Chain) -> None:
    """Raise UnclearError if a directive around a location cannot be followed."""
    for block in chain[1:]:
        for one in _flat(block):
            why = _NEVER_FOLLOWED.get(one.name, "")
            if one.name.startswith(_OTHERS):
                why = "it belongs to a module that corsadmin does not follow."
            elif one.name == "include" and not is_harmless(one):
                why = "the file is not read. Replace this line with the contents of the file."
            elif one.name == "try_files" and block is chain[-1]:
                last = one.arguments[-1]
                why = "" if last.startswith("=") else f"{last} answers with headers of its own."
            if why:
                raise UnclearError(one, why)


def _status(text: str) -> int:
    """Return the status that a return sends; a return without one redirects."""
    is_status = len(text) == _DIGITS and text.isascii() and text.isdecimal()
    return int(text) if is_status else _FOUND


def _flat(block: Directive) -> Iterator[Directive]:
    """Yield the directives in a block and in its ifs."""
    for one in block.block or ():
        yield one
        if one.name == "if":
            yield from _flat(one)


def in_every_world(
    values: Variables, chain: Chain, asked: SimulatedRequest
) -> list[SimulatedResponse]:
    """Return all possible responses, as uncertain conditions hold or not. Raises UnclearError.

    Leaves out refusals and redirects for reasons other than CORS.
    """
    found: list[SimulatedResponse] = []
    waiting: list[tuple[dict[tuple[int, str], bool], bool]] = [({}, False)]
    while waiting:
        world, foreign = waiting.pop()
        try:
            one = _answer(values, chain, SimulatedRequest(asked.method, asked.pattern, world))
        except UncertainError as error:
            waiting += [
                ({**world, error.key: True}, foreign or error.foreign),
                ({**world, error.key: False}, foreign),
            ]
        else:
            found += [one] * (not foreign or one.status < _ELSEWHERE)
        if len(found) + len(waiting) > _MAX_WORLDS:
            raise UnclearError(chain[-1], "too many of its conditions are not certain.")
    return found


def _answer(values: Variables, chain: Chain, asked: SimulatedRequest) -> SimulatedResponse:
    # nginx runs the directives of a server before those of its locations.
    server = _Run(values, asked, chain[:2])
    ended = server.follow(chain[1].block or ())
    if not ended and len(chain) > len(server.place):
        location = _Run(values, asked, chain, server.given)
        return location.answer(location.follow(chain[-1].block or ()))
    return server.answer(ended)


class _Run:
    """Runs the directives of nginx's rewrite module, one after the other."""

    def __init__(
        self,
        values: Variables,
        asked: SimulatedRequest,
        place: Chain,
        given: Mapping[str, str] | None = None,
    ) -> None:
        self._values, self._asked, self._base = values, asked, place
        self.place = place
        self.given = dict(given or {})

    def follow(self, directives: Sequence[Directive]) -> int | None:
        """Return the status that ends the request, 0 for a break, or None."""
        for one in directives:
            status = self._step(one)
            if status is not None:
                return status
        return None

    def _step(self, one: Directive) -> int | None:
        if one.name == "set":
            name, value, *_ = one.arguments
            self.given[name.removeprefix("$")] = self._values.kept(value, self._asked, self.given)
        elif one.name == "return":
            return _status(one.arguments[0])
        elif one.name == "break":
            return 0
        elif one.name == "rewrite":
            return self._rewrite(one)
        elif one.name == "if" and self._values.holds(one, self._asked, self.given):
            if len(self._base) > _SERVER:
                # The last if whose condition holds decides about the headers.
                self.place = (*self._base, one)
            return self.follow(one.block or ())
        return None

    def answer(self, status: int | None) -> SimulatedResponse:
        """Return the response with this status and its headers. Raises UnclearError."""
        found = SimulatedResponse(status or 0)
        for block in reversed(self.place):
            pages = [one for one in block.block or () if one.name == "error_page"]
            for page in pages:
                if str(found.status) in page.arguments:
                    raise UnclearError(page, "the error page has headers of its own.")
            if pages:
                break
        for block in reversed(self.place):
            headers = [one for one in block.block or () if one.name == "add_header"]
            for one in headers:
                self._add(found, one)
            if headers:
                break
        return found

    def _add(self, found: SimulatedResponse, header: Directive) -> None:
        name, value, *options = header.arguments
        if not name.lower().startswith(_PREFIX):
            return
        if "always" not in options and (found.status or _OK) not in _WITH_HEADERS:
            return
        text = self._values.known(header, value, self._asked, self.given)
        # A browser joins two headers of one name into one list.
        both = [found.headers.get(name.lower(), ""), text]
        found.headers[name.lower()] = ", ".join(filter(None, both))

    def _rewrite(self, one: Directive) -> int | None:
        flag, target = one.arguments[-1], one.arguments[1]
        is_redirect = target.startswith(("http://", "https://", "$scheme"))
        # In a server block, the new path decides which location applies.
        stays = flag == "break" and len(self._base) > _SERVER
        if not (is_redirect or stays or flag in ("permanent", "redirect")):
            raise UnclearError(one, "it leads to another path, with headers of its own.")
        key = (one.line, "rewrite")
        if key not in self._asked.world:
            raise UncertainError(key, foreign=True)
        if not self._asked.world[key]:
            return None
        return 0 if stays else _FOUND
