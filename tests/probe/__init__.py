"""Tests of corsadmin.probe."""
