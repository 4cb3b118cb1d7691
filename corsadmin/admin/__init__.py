"""The policies in the Django admin: importing this registers the screens."""

from django.contrib import admin

from corsadmin.admin import hosts, members, origins, rules, tenants

# The start page of the site shows the emergencies too, unless the project has one of its own.
admin.site.index_template = admin.site.index_template or "corsadmin/index.html"

__all__ = ["hosts", "members", "origins", "rules", "tenants"]
