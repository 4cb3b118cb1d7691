"""Set up a new customer on one page: the tenant, its hosts, origins and a path rule."""
