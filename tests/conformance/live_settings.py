"""The test site as a real server runs it."""

from project.settings import *  # noqa: F403

ALLOWED_HOSTS = [".example.net"]
ROOT_URLCONF = "tests.conformance.urls_sync"
MIDDLEWARE = [
    "tests.conformance.recorder.record",
    "corsadmin.middleware.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
