"""A real settings module, as a production site has one: peers look slower without."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-the-benchmarks")

from project.settings import *  # noqa: F403

DEBUG = False
ALLOWED_HOSTS = [".example.net", "127.0.0.1", "localhost"]
CORSADMIN = {"REFRESH_SECONDS": 1.0}
LOGGING = {"version": 1, "disable_existing_loggers": False}

# django-cors-headers, configured as its documentation says.
CORS_ALLOWED_ORIGINS: list[str] = []
CORS_ALLOWED_ORIGIN_REGEXES: list[str] = []
CORS_ALLOW_CREDENTIALS = True
CORS_PREFLIGHT_MAX_AGE = 600
