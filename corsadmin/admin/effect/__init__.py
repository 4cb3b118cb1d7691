"""After each change, say when it takes effect everywhere, and offer to undo it."""
