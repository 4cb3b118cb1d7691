"""What was: every change, who made it, and how to undo it or to put a tenant back."""
