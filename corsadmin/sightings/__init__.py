"""What callers really did: recorded beside requests, looked at by a thread, kept in tables."""
