"""A site with one trivial view and nothing but the CORS middleware that SITE_CORS names."""

import os

from benchmarks.settings import *  # noqa: F403

MIDDLEWARE = [name for name in [os.environ.get("SITE_CORS")] if name]
ROOT_URLCONF = "benchmarks.site_urls"
CORS_ALLOWED_ORIGINS = [
    f"https://app-{number}.example.com"
    for number in range(int(os.environ.get("SITE_ORIGINS", "0")))
]
