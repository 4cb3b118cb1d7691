"""Tests of corsadmin and of its demo site."""
