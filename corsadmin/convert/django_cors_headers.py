"""Read the CORS_* settings of django-cors-headers as policies."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.cors_policy import CorsPolicy
from corsadmin.convert.regexes import (
    Translation,
    in_lower_case,
    translate_origin,
    translate_path,
)
from corsadmin.convert.routes import Route, convert_routes
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.records.coerce import wrong_type

# The defaults of version 4.9.
METHODS: Final = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
HEADERS: Final = (
    *("accept", "authorization", "content-type", "user-agent"),
    *("x-csrftoken", "x-requested-with"),
)
# Flags that change nothing about what is read here.
_IGNORED_FLAGS: Final = re.ASCII | re.UNICODE | re.DOTALL | re.MULTILINE | re.IGNORECASE


def read_settings(settings: object) -> Conversion:
    """Return the policies of the settings. `settings` is a module or Django's settings.

    Raises BrokenTextError for a setting of the wrong type.
    """
    conversion = Conversion()
    policy = _policy(conversion, settings)
    paths = _paths(conversion, settings)
    convert_routes(conversion, [Route("CORS_URLS_REGEX", policy, paths)])
    if not paths:
        # Without paths, keep the origins for a path rule that somebody writes by hand.
        for origin, credentials in policy.origins.items():
            conversion.add_origin(pattern=origin, credentials=credentials)
    return conversion


def _policy(conversion: Conversion, settings: object) -> CorsPolicy:
    credentials = bool(getattr(settings, "CORS_ALLOW_CREDENTIALS", False))
    name, everyone = _first(settings, None, "CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")
    if everyone and credentials:
        conversion.remark(
            f"{name} with CORS_ALLOW_CREDENTIALS",
            "every website could read everything with its visitors' cookies. Only the listed "
            "origins are carried over.",
        )
    any_origin = bool(everyone and not credentials)
    if getattr(settings, "CORS_ALLOW_PRIVATE_NETWORK", False):
        conversion.remark("CORS_ALLOW_PRIVATE_NETWORK", "no browser asks for it any more.")
    origins = (
        [] if any_origin else [*_listed(conversion, settings), *_matched(conversion, settings)]
    )
    rule = {
        "any_origin": any_origin,
        "credentials": credentials,
        **_lists(conversion, settings, credentials=credentials),
    }
    return CorsPolicy(rule, dict.fromkeys(origins, credentials))


def _listed(conversion: Conversion, settings: object) -> Iterator[str]:
    name, listed = _first(settings, (), "CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST")
    for origin in _texts(name, listed):
        if "*" in origin:
            why = "a star is not a wildcard there, so it allowed nothing."
            conversion.remark(f"{name} {origin!r}", why)
        elif conversion.can_hold(origin, f"{name} {origin!r}"):
            yield origin


def _matched(conversion: Conversion, settings: object) -> Iterator[str]:
    name, regexes = _first(
        settings, (), "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"
    )
    for regex in _list(name, regexes):
        text, flags = _regex(name, regex)
        # Browsers send origins in lower case.
        read = in_lower_case(text) if flags & re.IGNORECASE else text
        yield from _translate(conversion, f"{name} {text!r}", read, flags, translate_origin).exact


def _lists(conversion: Conversion, settings: object, *, credentials: bool) -> dict[str, object]:
    def listed(name: str, default: Iterable[str]) -> list[str]:
        return _texts(name, getattr(settings, name, default))

    age = getattr(settings, "CORS_PREFLIGHT_MAX_AGE", 86_400)
    return {
        "methods": conversion.methods(
            listed("CORS_ALLOW_METHODS", METHODS), "CORS_ALLOW_METHODS", credentials=credentials
        ),
        "request_headers": conversion.request_headers(
            listed("CORS_ALLOW_HEADERS", HEADERS), "CORS_ALLOW_HEADERS", credentials=credentials
        ),
        "exposed_headers": conversion.exposed_headers(
            listed("CORS_EXPOSE_HEADERS", ()), "CORS_EXPOSE_HEADERS", credentials=credentials
        ),
        # django-cors-headers sends no header for 0.
        "max_age": conversion.max_age(age or None, "CORS_PREFLIGHT_MAX_AGE"),
    }


def _paths(conversion: Conversion, settings: object) -> tuple[str, ...]:
    text, flags = _regex("CORS_URLS_REGEX", getattr(settings, "CORS_URLS_REGEX", r"^.*$"))
    what = f"CORS_URLS_REGEX {text!r}"
    found = _translate(conversion, what, text, flags, translate_path)
    if flags & re.IGNORECASE and any(one.upper() != one.lower() for one in found.exact):
        conversion.remark(what, "it ignores case. Paths are covered in this spelling only.")
    return found.exact


def _translate(
    conversion: Conversion,
    what: str,
    text: str,
    flags: int,
    translate: Callable[[str], Translation],
) -> Translation:
    unread = re.RegexFlag(flags & ~_IGNORED_FLAGS)
    if unread:
        found = Translation(why=f"{unread!r} is not read here. Write the regex without it.")
    else:
        found = translate(text)
    if found.why:
        conversion.remark(what, found.why, " or ".join(found.nearest))
    return found


def _first(settings: object, default: object, *names: str) -> tuple[str, Any]:
    """Return the name and the value of the first of these settings that exists.

    The later names are older names of the same setting.
    """
    name = next((one for one in names if hasattr(settings, one)), names[0])
    return name, getattr(settings, name, default)


def _list(name: str, value: object) -> list[Any]:
    """Return the elements of a list, a tuple or a set. Raises BrokenTextError."""
    if not isinstance(value, (list, tuple, set, frozenset)):
        # A text would be split into its letters.
        raise BrokenTextError(name, f"{name}: {wrong_type('a list', value)}")
    return list(value)


def _texts(name: str, value: Any) -> list[str]:
    values = _list(name, value)
    for one in values:
        if not isinstance(one, str):
            raise BrokenTextError(name, f"{name}: {wrong_type('strings', one)}")
    return values


def _regex(name: str, value: object) -> tuple[str, int]:
    """Return the text and the flags of a regex, written as a text or compiled."""
    text = getattr(value, "pattern", value)
    if not isinstance(text, str):
        raise BrokenTextError(name, f"{name}: {wrong_type('a regex', text)}")
    return text, getattr(value, "flags", 0)
