"""Detect that two people have changed the same row, and show both versions."""
