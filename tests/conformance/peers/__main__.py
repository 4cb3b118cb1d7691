"""Print the page about the peers: python -m tests.conformance.peers > docs/reference/peers.md."""

import os
import sys

import django
from django.db import connection


def main() -> int:
    """Judge all cases in a database in memory and print the page."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["DATABASE_URL"] = "sqlite://:memory:"
    django.setup()
    connection.creation.create_test_db(verbosity=0)
    # Models can be imported only after the set-up.
    from tests.conformance.peers.page import judge_all, page  # noqa: PLC0415

    sys.stdout.write(page(judge_all()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
