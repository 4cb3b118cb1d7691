"""Report after each change when it takes effect everywhere, and offer to undo it."""
