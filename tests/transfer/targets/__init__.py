"""Tests of policies in the words of other programs."""
