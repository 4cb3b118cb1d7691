"""Tests of corsadmin.diagnose.probe."""
