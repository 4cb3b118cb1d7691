"""Tests of the hints between processes."""
