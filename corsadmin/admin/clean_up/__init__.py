"""Propose to disable origins and path rules that nobody uses any more."""
