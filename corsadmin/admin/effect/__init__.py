"""Say after each change when it is in force everywhere, and offer to undo it."""
