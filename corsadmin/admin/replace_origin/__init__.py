"""Replace an origin with another one. For some days, both are valid."""
