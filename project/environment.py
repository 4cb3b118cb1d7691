"""Read the demo site's settings from the environment."""

import os
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def read_seconds(name: str) -> float | None:
    """Return the number of seconds in a variable, or None if its value is "none"."""
    text = env.str(name).strip()
    if text.lower() == "none":
        return None
    try:
        return float(text)
    except ValueError as error:
        message = f'{name} is "{text}": write a number of seconds, such as 1.0, or none.'
        raise ImproperlyConfigured(message) from error


# Only these names are read. A prefix would match unrelated variables: Kubernetes, for one, sets
# CORSADMIN_PORT in every container as soon as a service is called "corsadmin".
CORSADMIN_READERS = {
    "TENANT_RESOLVER": env.str,
    "TENANT_BASE_DOMAIN": env.str,
    "TENANT_PATH_PREFIX": env.str,
    "TENANT_HEADER": env.str,
    "REFRESH_SECONDS": read_seconds,
    "MAX_STALE_SECONDS": read_seconds,
    "PUSH": env.str,
    "DATABASE": env.str,
    "PROBE_PRIVATE_ADDRESSES": env.bool,
    "SIGHTINGS": env.bool,
}


def read_corsadmin() -> dict[str, Any]:
    """Return the CORSADMIN dict: the keys that are set in the environment and no others."""
    return {
        key: read(f"CORSADMIN_{key}")
        for key, read in CORSADMIN_READERS.items()
        if f"CORSADMIN_{key}" in os.environ
    }


def read_database(default_file: Path) -> dict[str, Any]:
    """Return the database named by DATABASE_URL, or SQLite in the default file."""
    if env.str("DATABASE_URL", default=""):
        database = dict(env.db_url("DATABASE_URL"))
    else:
        # Not a URL, because the folder's name may have characters that are special in a URL.
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {
            # Writers wait for one another instead of failing with "database is locked".
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            # Readers continue while somebody writes.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            **database.get("OPTIONS", {}),
        }
    else:
        database.setdefault("CONN_HEALTH_CHECKS", True)
    return database


def read_proxy_header() -> tuple[str, str] | None:
    """Return SECURE_PROXY_SSL_HEADER, given as "X-Forwarded-Proto: https", or None."""
    text = env.str("SECURE_PROXY_SSL_HEADER", default="").strip()
    if not text:
        return None
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not (name and colon and value):
        message = f'SECURE_PROXY_SSL_HEADER is "{text}": write it as X-Forwarded-Proto: https.'
        raise ImproperlyConfigured(message)
    return f"HTTP_{name.upper().replace('-', '_')}", value


def read_secret_key(key_file: Path) -> str:
    """Return SECRET_KEY, or a random key that is made once and kept in its owner's private file."""
    secret_key: str = env.str("SECRET_KEY", default="")
    if secret_key:
        return secret_key
    if not key_file.exists():
        draft = key_file.with_name(f"{key_file.name}.{os.getpid()}")
        try:
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
            # A link appears whole or not at all, and the first of several processes wins.
            os.link(draft, key_file)
        except FileExistsError:
            pass
        except OSError as error:
            message = f"Set SECRET_KEY in the environment: a key could not be kept in {key_file}."
            raise ImproperlyConfigured(message) from error
        finally:
            draft.unlink(missing_ok=True)
    return key_file.read_text(encoding="ascii")
