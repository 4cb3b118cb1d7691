"""What a change that nobody has made yet would make of the policies."""
