"""Tests of the counter that every change moves."""
