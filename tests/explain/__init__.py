"""Tests of corsadmin.explain."""
