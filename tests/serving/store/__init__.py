"""How far a process trusts its snapshot: states, waits and clocks, on an SQLite file."""
