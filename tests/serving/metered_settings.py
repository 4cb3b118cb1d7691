"""The demo site with metrics, for servers with several processes."""

from project.settings import *  # noqa: F403
from project.settings import MIDDLEWARE

MIDDLEWARE = ["corsadmin.metrics.CountedCorsMiddleware", *MIDDLEWARE[1:]]
ROOT_URLCONF = "tests.serving.metered_urls"
