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
_KNOWN: Final = frozenset({
    *("origins", "methods", "headers", "exposed_headers", "credentials", "max_age"),
    *("private_network", "preflight_continue", "allow_origin_absent"),
})  # fmt: skip
Object = Mapping[str, Any]


def terms_of(carried: Carried, what: str, config: Object) -> Terms:
    """Return what a plugin allows; `what` names it in the remarks. Raises BrokenTextError."""
    for name in sorted(config.keys() - _KNOWN):
        carried.remark(f"{what}: {name}", "it is not known here.")
    origins = texts_of(config, "origins")
    credentials = truth_of(config, "credentials", default=False)
    any_origin = not origins or "*" in origins
    if any_origin and credentials:
        carried.remark(
            f"{what}: any origin with credentials",
            "every website could read everything with its visitors' cookies. Only the listed "
            "origins are carried over.",
        )
        any_origin = False
    if truth_of(config, "private_network", default=False):
        carried.remark(f"{what}: private_network", "no browser asks for it any more.")
    rule = {
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": _methods(carried, what, config, credentials=credentials),
        "request_headers": carried.request_headers(
            texts_of(config, "headers"),
            f"{what}: headers",
            credentials=credentials,
            # Kong sends a star as it is, and repeats what was asked where nothing is listed.
            echoed=not texts_of(config, "headers"),
        ),
        "exposed_headers": carried.exposed_headers(
            texts_of(config, "exposed_headers"),
            f"{what}: exposed_headers",
            credentials=credentials,
        ),
        "max_age": carried.max_age(config.get("max_age"), f"{what}: max_age"),
    }
    if truth_of(config, "preflight_continue", default=False):
        why = (
            "the service answers preflights, so what they allow is not known. It is carried over "
            "for requests without a preflight."
        )
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


def _methods(carried: Carried, what: str, config: Object, *, credentials: bool) -> list[str]:
    # An empty list is none; only what is missing takes the default.
    names = _METHODS if config.get("methods") is None else texts_of(config, "methods")
    sent = [name for name in names if name not in _NEVER_SENT]
    return carried.methods(sent, f"{what}: methods", credentials=credentials)


def _origins(carried: Carried, what: str, origins: list[str]) -> list[str]:
    found: list[str] = []
    # Alone, a text is sent as it is written.
    alone = len(origins) == 1
    for text in origins:
        if text == "*":
            continue
        label = f"{what}: {text}"
        if _PLAIN.issuperset(text):
            found += _literal(carried, label, text if alone else _normalised(text))
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
        nobodys = "" if text == "null" else "no browser sends it, so it allowed nothing. "
        carried.remark(label, nobodys + describe(problem))
        return []
    return [text]


def _is_pattern(text: str) -> bool:
    try:
        return "*" in text and bool(parse_pattern(text))
    except PolicyError:
        return False
