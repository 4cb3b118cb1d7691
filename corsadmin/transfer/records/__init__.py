"""The entries of a file: their kinds, their values, and their faults."""
