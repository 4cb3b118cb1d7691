"""What was: the timeline of a tenant, who did it, and how to put it back."""
