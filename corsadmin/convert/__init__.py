"""Policies to and from other programs, as far as that is exact: guests that transfer does not know."""
