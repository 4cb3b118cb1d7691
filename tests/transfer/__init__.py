"""Tests of policies as files."""
