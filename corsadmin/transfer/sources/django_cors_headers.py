"""Carry over the CORS_* settings of django-cors-headers."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from corsadmin.engine import PolicyError, parse_pattern
from corsadmin.messages import describe
from corsadmin.transfer.sources.carried import Carried
from corsadmin.transfer.sources.regexes import Translation, translate_origin, translate_path

# Its defaults, of version 4.9.
METHODS: Final = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
HEADERS: Final = (
    *("accept", "authorization", "content-type", "user-agent"),
    *("x-csrftoken", "x-requested-with"),
)


def carry_settings(settings: object) -> Carried:
    """Return what the settings say. `settings` is a module or Django's settings."""
    carried = Carried()
    credentials = bool(getattr(settings, "CORS_ALLOW_CREDENTIALS", False))
    everyone = _first(settings, None, "CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")
    if everyone and credentials:
        carried.remark(
            "CORS_ALLOW_ALL_ORIGINS with CORS_ALLOW_CREDENTIALS",
            "every website could read everything with its visitors' cookies. List the origins.",
        )
    any_origin = bool(everyone and not credentials)
    if not everyone:
        _carry_origins(carried, settings, credentials)
    _carry_paths(carried, settings, any_origin=any_origin, credentials=credentials)
    if getattr(settings, "CORS_ALLOW_PRIVATE_NETWORK", False):
        carried.remark("CORS_ALLOW_PRIVATE_NETWORK", "no browser asks for it any more.")
    return carried


def _carry_origins(carried: Carried, settings: object, credentials: bool) -> None:  # noqa: FBT001
    listed = _first(settings, (), "CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST")
    for origin in listed:
        if "*" in origin:
            why = "a star is no wildcard there, so it allowed nothing."
            carried.remark(f"CORS_ALLOWED_ORIGINS {origin!r}", why)
            continue
        try:
            parse_pattern(origin)
        except PolicyError as error:
            (problem,) = error.problems
            carried.remark(f"CORS_ALLOWED_ORIGINS {origin!r}", describe(problem))
        else:
            carried.add_origin(pattern=origin, credentials=credentials)
    regexes = _first(settings, (), "CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST")
    for regex in regexes:
        found = _translate(carried, "CORS_ALLOWED_ORIGIN_REGEXES", regex, translate_origin)
        for pattern in found.exact:
            carried.add_origin(pattern=pattern, credentials=credentials)


def _carry_paths(
    carried: Carried, settings: object, *, any_origin: bool, credentials: bool
) -> None:
    rule = {
        "any_origin": any_origin,
        "credentials": credentials,
        "methods": carried.methods(
            getattr(settings, "CORS_ALLOW_METHODS", METHODS), "CORS_ALLOW_METHODS"
        ),
        "request_headers": carried.request_headers(
            getattr(settings, "CORS_ALLOW_HEADERS", HEADERS), "CORS_ALLOW_HEADERS"
        ),
        "exposed_headers": carried.exposed_headers(
            getattr(settings, "CORS_EXPOSE_HEADERS", ()), "CORS_EXPOSE_HEADERS"
        ),
        "max_age": carried.max_age(
            getattr(settings, "CORS_PREFLIGHT_MAX_AGE", 86_400), "CORS_PREFLIGHT_MAX_AGE"
        ),
    }
    regex = getattr(settings, "CORS_URLS_REGEX", r"^.*$")
    found = _translate(carried, "CORS_URLS_REGEX", regex, translate_path)
    carried.paths.extend({"path": path, **rule} for path in found.exact)


def _translate(
    carried: Carried, name: str, regex: Any, translate: Callable[[str], Translation]
) -> Translation:
    text = getattr(regex, "pattern", regex)
    found = translate(text)
    if found.why:
        carried.remark(f"{name} {text!r}", found.why, " or ".join(found.nearest))
    return found


def _first(settings: object, default: Any, *names: str) -> Any:
    """Return the first of these settings that there is: the later names are its older ones."""
    found: Iterable[Any] = (getattr(settings, name) for name in names if hasattr(settings, name))
    return next(iter(found), default)
