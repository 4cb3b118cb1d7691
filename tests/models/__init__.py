"""Tests of the tables, the validation and the counter."""
