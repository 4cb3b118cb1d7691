"""Policies in the words of other programs, as far as those can express them."""
