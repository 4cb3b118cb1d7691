"""The start page: cards of what needs attention in the tenants that one may see, and pictures."""
