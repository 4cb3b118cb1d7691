"""Where the project is mounted: the part of a path that becomes SCRIPT_NAME."""

from urllib.parse import unquote_to_bytes

from django.conf import settings


def script_prefix(given: str) -> str:
    """Return the path where the project is mounted, such as `/app`; blank for the root.

    `given` comes from another request or from a person. FORCE_SCRIPT_NAME wins, as in Django.
    """
    forced: str | None = settings.FORCE_SCRIPT_NAME
    name = (given if forced is None else forced).strip("/")
    return name and f"/{name}"


def split_address(path: str, prefix: str) -> tuple[str, str]:
    """Return SCRIPT_NAME and PATH_INFO of a path as a WSGI server passes them: decoded once.

    Drops the query and fragment. The whole of a path that is not below the prefix is PATH_INFO.
    """
    whole = unquote_to_bytes(path.partition("?")[0].partition("#")[0]).decode("latin-1")
    name = prefix.encode().decode("latin-1")
    if prefix and f"{whole}/".startswith(f"{name}/"):
        return name, whole.removeprefix(name)
    return "", whole
