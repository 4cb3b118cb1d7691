"""Propose to disable what nobody uses any more."""
