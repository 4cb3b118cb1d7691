"""Show what a change would write, and write it once a person confirms it."""
