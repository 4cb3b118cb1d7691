"""The demo with its pages on an admin site of its own; Django's lies elsewhere and has none."""

from project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.browsers.second_site_urls"
