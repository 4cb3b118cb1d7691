"""The demo site's settings, made fast and repeatable for the test suite."""

import os

# Set before the import: the tests need no key of their own in the checkout.
os.environ.setdefault("SECRET_KEY", "only-for-the-tests")

from project.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
