"""Translate the configuration of one CORS plugin of Kong, following the plugin's code."""

from typing import Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy
from corsadmin.convert.kong.parse import Object, texts_of, truth_of
from corsadmin.convert.regexes import translate_origin
from corsadmin.engine.origins import parse_pattern
from corsadmin.engine.problems import PolicyError
from corsadmin.messages import describe

# Kong's default, without the methods that browsers refuse to send.
_METHODS: Final = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS")
_NEVER_SENT: Final = frozenset({"TRACE", "CONNECT"})
# Kong treats a text with any other character than these as a regex.
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/-")
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_KNOWN: Final = frozenset({
    *("origins", "methods", "headers", "exposed_headers", "credentials", "max_age"),
    *("private_network", "preflight_continue", "allow_origin_absent"),
})  # fmt: skip


def plugin_policy(conversion: Conversion, what: str, config: Object) -> CorsPolicy:
    """Return the policy of a plugin; `what` names it in the remarks. Raises BrokenTextError."""
    for name in sorted(config.keys() - _KNOWN):
        conversion.remark(f"{what}: {name}", "corsadmin does not know this option.")
    origins = texts_of(config, "origins")
    credentials = truth_of(config, "credentials", default=False)
    any_origin = not origins or "*" in origins
    if any_origin and credentials:
        conversion.remark(
            f"{what}: any origin with credentials",
            "every website could read everything with its visitors' cookies. Only the listed "
            "origins are carried over.",
        )
        any_origin = False
    if truth_of(config, "private_network", default=False):
        conversion.remark(f"{what}: private_network", "no browser asks for it any more.")
    rule = {
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": _methods(conversion, what, config, credentials=credentials),
        "request_headers": conversion.request_headers(
            texts_of(config, "headers"),
            f"{what}: headers",
            credentials=credentials,
            # Kong sends a star literally, and echoes the requested names if none are listed.
            echoed=not texts_of(config, "headers"),
        ),
        "exposed_headers": conversion.exposed_headers(
            texts_of(config, "exposed_headers"),
            f"{what}: exposed_headers",
            credentials=credentials,
        ),
        "max_age": conversion.max_age(config.get("max_age"), f"{what}: max_age"),
    }
    if truth_of(config, "preflight_continue", default=False):
        why = (
            "the service answers preflights, so what they allow is not known. It is carried over "
            "for requests without a preflight."
        )
        conversion.remark(f"{what}: preflight_continue", why)
        rule |= {"methods": [], "request_headers": [], "max_age": None}
    found = [] if any_origin else _origins(conversion, what, origins)
    return CorsPolicy(rule, dict.fromkeys(found, credentials))


def _methods(conversion: Conversion, what: str, config: Object, *, credentials: bool) -> list[str]:
    # An empty list means no methods; only a missing list means the default.
    names = _METHODS if config.get("methods") is None else texts_of(config, "methods")
    sent = [name for name in names if name not in _NEVER_SENT]
    return conversion.methods(sent, f"{what}: methods", credentials=credentials)


def _origins(conversion: Conversion, what: str, origins: list[str]) -> list[str]:
    found: list[str] = []
    # Kong sends a single origin exactly as written.
    alone = len(origins) == 1
    for text in origins:
        if text == "*":
            continue
        label = f"{what}: {text}"
        if _PLAIN.issuperset(text):
            found += _literal(conversion, label, text if alone else _normalised(text))
        elif _is_pattern(text):
            why = (
                "Kong reads it as a regex, in which the star repeats the character before it, so it "
                "allowed no name that fits."
            )
            conversion.remark(label, why, text)
        elif ":" not in text:
            found_at = translate_origin(f"https://{text.removeprefix('^').removesuffix('$')}$")
            why = "without a scheme, Kong accepts any scheme and any port."
            conversion.remark(label, why, " or ".join((*found_at.exact, *found_at.nearest)))
        else:
            translation = translate_origin(text if text.endswith("$") else f"{text}$")
            if translation.why:
                conversion.remark(label, translation.why, " or ".join(translation.nearest))
            found += translation.exact
    return list(dict.fromkeys(found))


def _normalised(text: str) -> str:
    """Return what Kong compares if there are several origins: no path and no default port."""
    scheme, separator, rest = text.partition("://")
    authority = rest.partition("/")[0]
    return scheme + separator + authority.removesuffix(_DEFAULT_PORTS.get(scheme, "/"))


def _literal(conversion: Conversion, label: str, text: str) -> list[str]:
    try:
        parse_pattern(text)
    except PolicyError as error:
        (problem,) = error.problems
        nobodys = "" if text == "null" else "no browser sends it, so it allowed nothing. "
        conversion.remark(label, nobodys + describe(problem))
        return []
    return [text]


def _is_pattern(text: str) -> bool:
    try:
        return "*" in text and bool(parse_pattern(text))
    except PolicyError:
        return False
