"""Tests of explain, lint and probe."""
