"""Turn the path rule that a person typed into one that is ready to answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from corsadmin.engine import headers, methods
from corsadmin.engine.echo import Echo, echo_of
from corsadmin.engine.paths import check_path, lies_within
from corsadmin.engine.problems import PolicyError, Problem
from corsadmin.engine.request import Reason

MAX_PREFLIGHT_AGE: Final = 86_400  # seconds; no browser keeps a preflight longer (Firefox's limit)
DEFAULT_PREFLIGHT_AGE: Final = 5  # seconds for which a browser keeps one without a max age
# A preflight that asks for more is refused, and proxies refuse headers of many kilobytes.
MAX_LIST_LENGTH: Final = headers.MAX_REQUESTED_NAMES
HeaderPairs = tuple[tuple[str, str], ...]
# The entry that allows an origin (blank for none), whether credentials are allowed, and the reason.
EntryFound = tuple[str, bool, Reason]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """A path rule as it is stored. `max_age` is in seconds, None for the browser's default."""

    path: str
    methods: Sequence[str] = ()
    request_headers: Sequence[str] = ()
    exposed_headers: Sequence[str] = ()
    exclusive: bool = False
    any_origin: bool = False
    credentials: bool = False
    max_age: int | None = None
    refuse_unlisted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A path rule, compiled: sets to look up and header values ready to send.

    An `inherited` rule is the platform's. An `invalid` rule denies on its path, and an `exclusive`
    one admits only entries whose scope lies within it. Where it answers every origin alike,
    `only_answer` is what `find_entry` returns. With an `echo`, the response to a preflight has the
    headers in `preflight`, then those that echo the request.
    """

    path: str
    inherited: bool = False
    invalid: bool = False
    exclusive: bool = False
    any_origin: bool = False
    credentials: bool = False
    refuse_unlisted: bool = False
    methods: frozenset[str] = frozenset()
    request_headers: frozenset[str] = frozenset()
    vary: str = headers.ORIGIN
    preflight_vary: str = headers.PREFLIGHT_VARY
    actual: HeaderPairs = ()
    actual_credentials: HeaderPairs = ()
    preflight: HeaderPairs = ()
    preflight_credentials: HeaderPairs = ()
    echo: Echo | None = None
    only_answer: EntryFound | None = field(init=False)

    def __post_init__(self) -> None:
        answer = None
        if self.any_origin:
            answer = ("*", False, Reason.ALLOWED)
        elif self.invalid:
            answer = ("", False, Reason.POLICY_INVALID)
        object.__setattr__(self, "only_answer", answer)


def check_rule(text: RuleText) -> tuple[Problem, ...]:
    """Return every problem of a path rule; empty if it is sound."""
    # People may write a name in any case and repeat it; each is stored once, in lower case.
    requested = [*headers.spellings(text.request_headers).values()]
    found = [
        check_path(text.path),
        # A list that is too long could have a hundred thousand problems: check only its beginning.
        *map(methods.check_method, text.methods[:MAX_LIST_LENGTH]),
        *map(headers.check_request_header, requested[:MAX_LIST_LENGTH]),
        *map(headers.check_exposed_header, text.exposed_headers[:MAX_LIST_LENGTH]),
        *_check_list("methods", text.methods),
        *_check_list("request_headers", requested),
        *_check_list("exposed_headers", text.exposed_headers),
        _check_max_age(text.max_age),
    ]
    if text.exclusive and text.any_origin:
        found.append(Problem("exclusive", "exclusive-with-any-origin", ""))
    if text.credentials:
        found.extend(_check_credentials(text))
    return tuple(problem for problem in found if problem is not None)


def compile_rule(text: RuleText, *, inherited: bool = False) -> Rule:
    """Compile a path rule. Raises PolicyError with every problem if it is not sound."""
    problems = check_rule(text)
    if problems:
        raise PolicyError(problems)
    actual = _actual_headers(text.exposed_headers)
    requested = tuple(headers.spellings(text.request_headers))
    echo = echo_of(text.methods, requested) if text.credentials else None
    preflight = _preflight_headers(text, requested, echo)
    granted = ((headers.ACAC, "true"),) if text.credentials else ()
    return Rule(
        path=text.path,
        inherited=inherited,
        # Every entry lies within the rule for every path.
        exclusive=text.exclusive and text.path != "/",
        any_origin=text.any_origin,
        credentials=text.credentials,
        refuse_unlisted=text.refuse_unlisted,
        methods=frozenset(text.methods) | methods.SAFELISTED_METHODS,
        request_headers=frozenset(requested),
        # Fetch, "CORS protocol and HTTP caches": a static `*` must not vary on Origin.
        vary="" if text.any_origin else headers.ORIGIN,
        preflight_vary=headers.STATIC_PREFLIGHT_VARY if text.any_origin else headers.PREFLIGHT_VARY,
        actual=actual,
        actual_credentials=granted + actual,
        preflight=preflight,
        preflight_credentials=granted + preflight,
        echo=echo,
    )


def admits(rule: Rule | RuleText, scope: str) -> bool:
    """Report whether a rule admits entries with this scope, blank for entries without one."""
    return not rule.exclusive or lies_within(scope or "/", rule.path)


def echoing_fields(text: RuleText) -> frozenset[str]:
    """Return the fields of a path rule whose star stands for what a listed origin requests."""
    lists = {"methods": text.methods, "request_headers": text.request_headers}
    return frozenset(name for name, values in lists.items() if text.credentials and "*" in values)


def stored_rule(text: RuleText, *, inherited: bool = False) -> Rule:
    """Compile a stored rule. Never raises: a rule that is not sound denies on its path.

    Why it is not skipped: docs/decisions/broken-rows-deny.md.
    """
    try:
        return compile_rule(text, inherited=inherited)
    except PolicyError:
        return Rule(path=text.path, inherited=inherited, invalid=True)


def _check_list(field: str, values: Sequence[str]) -> Iterable[Problem]:
    if len(values) > MAX_LIST_LENGTH:
        yield Problem(field, "list-too-long", str(len(values)))
    seen: set[str] = set()
    for value in values[:MAX_LIST_LENGTH]:
        if value in seen:
            yield Problem(field, "value-duplicate", value)
        seen.add(value)


def _check_max_age(max_age: int | None) -> Problem | None:
    # Not isinstance: True is an int too, and would be sent as `True`.
    if max_age is None or (type(max_age) is int and 0 <= max_age <= MAX_PREFLIGHT_AGE):
        return None
    return Problem("max_age", "max-age-out-of-range", str(max_age), str(MAX_PREFLIGHT_AGE))


def _check_credentials(text: RuleText) -> Iterable[Problem]:
    """Yield the problems of combining credentials with a wildcard.

    Fetch, "CORS protocol and credentials": with credentials `*` is a literal star. Methods and
    request headers are echoed instead, but a browser does not say which response headers a page
    will read. Any origin with credentials would let every website use its visitors' cookies.
    """
    if text.any_origin:
        yield Problem("any_origin", "any-origin-with-credentials", "*")
    if "*" in text.exposed_headers:
        yield Problem("exposed_headers", "wildcard-with-credentials", "*")


def _actual_headers(exposed: Iterable[str]) -> HeaderPairs:
    names = [name for name in exposed if name.lower() not in headers.SAFELISTED_RESPONSE_HEADERS]
    return ((headers.ACEH, ", ".join(names)),) if names else ()


def _preflight_headers(text: RuleText, requested: Sequence[str], echo: Echo | None) -> HeaderPairs:
    pairs = []
    if text.methods and echo is None:
        pairs.append((headers.ACAM, ", ".join(text.methods)))
    if requested and echo is None:
        pairs.append((headers.ACAH, ", ".join(requested)))
    if text.max_age is not None:
        pairs.append((headers.ACMA, str(text.max_age)))
    return tuple(pairs)
