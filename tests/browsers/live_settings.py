"""The API that the browser tests call, behind a proxy that ends TLS."""

from project.settings import *  # noqa: F403

ALLOWED_HOSTS = [".example.net"]
ROOT_URLCONF = "tests.browsers.api"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The front end of the bank is another site: its calls must carry the cookie of the CSRF check.
CSRF_COOKIE_SAMESITE = "None"
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = ["https://bank.example.com"]
