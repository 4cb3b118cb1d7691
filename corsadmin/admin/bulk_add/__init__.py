"""Add many origins to a tenant at once."""
