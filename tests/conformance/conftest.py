"""Let assertions outside of test modules say what they compared."""

import pytest

pytest.register_assert_rewrite("tests.asserts", "tests.conformance.case")
