"""Where the pages of the second site are, and those of Django's own."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import path

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, TenantMember

ops = admin.AdminSite("ops")
for model in (Tenant, TenantHost, PathRule, Origin, TenantMember):
    ops.register(model, type(admin.site.get_model_admin(model)))
    admin.site.unregister(model)

urlpatterns = [
    path("admin/", ops.urls),
    path("elsewhere/", admin.site.urls),
    *staticfiles_urlpatterns(),
]
