"""Policies of other programs, carried over as far as that is exact."""
