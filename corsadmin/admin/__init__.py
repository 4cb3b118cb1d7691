"""The policies in the Django admin. Importing this module registers the screens."""

from django.contrib import admin

from corsadmin.admin import hosts, members, origins, rules, tenants

# The site's start page shows emergencies too, unless the project has its own template for it.
admin.site.index_template = admin.site.index_template or "corsadmin/index.html"

__all__ = ["hosts", "members", "origins", "rules", "tenants"]
