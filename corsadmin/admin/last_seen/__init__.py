"""When origins, path rules and tenants last let somebody in: as a column, a filter and a condition."""
