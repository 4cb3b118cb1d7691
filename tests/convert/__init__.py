"""Tests of policies to and from other programs, each asked beside its program."""
