"""When a change counts, and for whom."""
