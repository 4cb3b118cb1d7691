"""Where the project is mounted: the part of an address that Django takes for the script's."""

from urllib.parse import unquote_to_bytes

from django.conf import settings


def script_prefix(given: str) -> str:
    """Return where the project is mounted, as in `/app`: blank for the root.

    `given` is what another request shows or a person says. FORCE_SCRIPT_NAME wins, as in Django.
    """
    forced: str | None = settings.FORCE_SCRIPT_NAME
    name = (given if forced is None else forced).strip("/")
    return name and f"/{name}"


def split_address(path: str, prefix: str) -> tuple[str, str]:
    """Return SCRIPT_NAME and PATH_INFO of a path, as a WSGI server hands them over: decoded, once.

    A path that is not below the prefix is taken for PATH_INFO.
    """
    whole = unquote_to_bytes(path.partition("?")[0].partition("#")[0]).decode("latin-1")
    name = prefix.encode().decode("latin-1")
    if prefix and f"{whole}/".startswith(f"{name}/"):
        return name, whole.removeprefix(name)
    return "", whole
