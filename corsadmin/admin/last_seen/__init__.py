"""When origins, path rules and tenants last let somebody in: a column, a filter and conditions."""
