"""The history: every change, who made it, and how to undo it or restore a tenant."""
