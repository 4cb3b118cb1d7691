"""Tests of what the test suites of users meet."""
