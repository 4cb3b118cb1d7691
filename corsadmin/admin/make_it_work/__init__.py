"""Make a blocked call work: every change that it needs in one form, saved as one change."""
