"""Copy rows to other tenants."""
