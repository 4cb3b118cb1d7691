"""Tests of carrying over what other programs allow."""
