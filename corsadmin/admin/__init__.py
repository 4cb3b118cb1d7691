"""The policies in the Django admin: importing this registers the screens."""

from corsadmin.admin import hosts, members, origins, rules, tenants

__all__ = ["hosts", "members", "origins", "rules", "tenants"]
