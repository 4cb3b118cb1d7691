"""The entries of a file: their kinds, their values, and what can be wrong with them."""
