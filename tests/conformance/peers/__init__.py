"""The cases of other CORS libraries' own test suites as data, and what the middleware makes of them.

`python -m tests.conformance.peers` prints docs/reference/peers.md.
"""
