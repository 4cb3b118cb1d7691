"""Say what the configuration of one CORS plugin of Kong allows, as its code does."""

from collections.abc import Mapping
from typing import Any, Final

from corsadmin.engine import PolicyError, parse_pattern
from corsadmin.messages import describe
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.coerce import wrong_type
from corsadmin.transfer.sources.carried import Carried
from corsadmin.transfer.sources.places import Terms
from corsadmin.transfer.sources.regexes import translate_origin

# Its default, without what browsers refuse to send.
_METHODS: Final = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS")
_NEVER_SENT: Final = frozenset({"TRACE", "CONNECT"})
# Kong takes a text for a regex when it has any other sign than these.
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/-")
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
Object = Mapping[str, Any]


def terms_of(carried: Carried, what: str, config: Object) -> Terms:
    """Return what a plugin allows; `what` names it in the remarks. Raises BrokenTextError."""
    origins = texts_of(config, "origins")
    credentials = truth_of(config, "credentials", default=False)
    any_origin = not origins or "*" in origins
    if any_origin and credentials:
        carried.remark(
            f"{what}: any origin with credentials",
            "every website could read everything with its visitors' cookies. List the origins.",
        )
        origins, any_origin = [], False
    if truth_of(config, "private_network", default=False):
        carried.remark(f"{what}: private_network", "no browser asks for it any more.")
    age = config.get("max_age")
    rule = {
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": _methods(carried, what, config),
        "request_headers": _request_headers(carried, what, config, credentials=credentials),
        "exposed_headers": carried.exposed_headers(
            _without_star(carried, what, config, "exposed_headers", credentials=credentials),
            f"{what}: exposed_headers",
        ),
        "max_age": 0 if age == 0 else carried.max_age(age, f"{what}: max_age"),
    }
    if truth_of(config, "preflight_continue", default=False):
        why = "the service answers preflights, so what they allow is not known. It is carried over for requests without a preflight."
        carried.remark(f"{what}: preflight_continue", why)
        rule |= {"methods": [], "request_headers": [], "max_age": None}
    found = [] if any_origin else _origins(carried, what, origins)
    return Terms(rule, dict.fromkeys(found, credentials))


def truth_of(owner: Object, name: str, *, default: bool) -> bool:
    """Return a value that is true or false, and nothing like it. Raises BrokenTextError."""
    value = owner.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise BrokenTextError(name, f"{name}: {wrong_type('true or false', value)}")
    return value


def texts_of(owner: Object, name: str) -> list[str]:
    """Return a list of texts, empty if there is none. Raises BrokenTextError."""
    values = owner.get(name)
    if values is None:
        return []
    if not isinstance(values, list):
        raise BrokenTextError(name, f"{name}: {wrong_type('a list of texts', values)}")
    return [str(value) for value in values]


def _methods(carried: Carried, what: str, config: Object) -> list[str]:
    # An empty list is none; only what is missing takes the default.
    names = _METHODS if config.get("methods") is None else texts_of(config, "methods")
    sent = [name for name in names if name not in _NEVER_SENT]
    return carried.methods(sent, f"{what}: methods")


def _request_headers(
    carried: Carried, what: str, config: Object, *, credentials: bool
) -> list[str]:
    label = f"{what}: headers"
    if not texts_of(config, "headers"):
        if not credentials:
            return carried.request_headers(["*"], label)
        why = "all were allowed, which with credentials no rule can say. List them."
        carried.remark(label, why)
    names = _without_star(carried, what, config, "headers", credentials=credentials)
    # Kong sends a star as it is, and for browsers it does not stand for authorization.
    star = ["*"] * ("*" in names)
    return star + carried.request_headers([name for name in names if name != "*"], label)


def _without_star(
    carried: Carried, what: str, config: Object, name: str, *, credentials: bool
) -> list[str]:
    names = texts_of(config, name)
    if not credentials or "*" not in names:
        return names
    why = (
        "with credentials browsers take the star literally, so it allowed nothing. List the names."
    )
    carried.remark(f"{what}: {name} '*'", why)
    return [one for one in names if one != "*"]


def _origins(carried: Carried, what: str, origins: list[str]) -> list[str]:
    found: list[str] = []
    for text in origins:
        label = f"{what}: {text}"
        if _PLAIN.issuperset(text):
            found += _literal(carried, label, text if len(origins) == 1 else _normalised(text))
        elif _is_pattern(text):
            why = (
                "for Kong it is a regex, in which the star repeats the sign before it, so it "
                "allowed no subdomain."
            )
            carried.remark(label, why, text)
        elif ":" not in text:
            found_at = translate_origin(f"https://{text.removeprefix('^').removesuffix('$')}$")
            why = "without a scheme Kong takes it for any scheme, and any port."
            carried.remark(label, why, " or ".join((*found_at.exact, *found_at.nearest)))
        else:
            translation = translate_origin(text if text.endswith("$") else f"{text}$")
            if translation.why:
                carried.remark(label, translation.why, " or ".join(translation.nearest))
            found += translation.exact
    return list(dict.fromkeys(found))


def _normalised(text: str) -> str:
    """Return what Kong compares with, where there are several: no path and no default port."""
    scheme, separator, rest = text.partition("://")
    authority = rest.partition("/")[0]
    return scheme + separator + authority.removesuffix(_DEFAULT_PORTS.get(scheme, "/"))


def _literal(carried: Carried, label: str, text: str) -> list[str]:
    try:
        parse_pattern(text)
    except PolicyError as error:
        (problem,) = error.problems
        why = f"no browser sends it, so it allowed nothing. {describe(problem)}"
        carried.remark(label, why)
        return []
    return [text]


def _is_pattern(text: str) -> bool:
    try:
        return "*" in text and bool(parse_pattern(text))
    except PolicyError:
        return False
