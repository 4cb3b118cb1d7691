"""What callers really did: recorded, looked at, kept."""
