"""The start page: cards of what needs attention in the tenants that the user may see, and charts."""
