"""Make a blocked call work: one form with every change that it needs, saved as one change."""
