"""The demo's settings, for a project that a proxy in front mounts at /backend."""

from project.settings import *  # noqa: F403 (as settings are taken over)

FORCE_SCRIPT_NAME = "/backend"
