"""Forms through which people write policies."""
