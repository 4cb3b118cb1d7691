"""Compare the policies of two tenants."""
