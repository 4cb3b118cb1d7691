"""Tests of corsadmin.diagnose.explain."""
