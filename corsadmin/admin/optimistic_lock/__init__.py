"""Notice that two people changed the same row, and show both versions."""
