"""The addresses of the demo site's pages, its API and the admin."""

from django.contrib import admin
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.urls import include, path

from project import views

urlpatterns = [
    path("", views.index),
    path("greet", views.greet),
    path("orders", views.orders),
    path("stream", views.stream),
    path("admin/", admin.site.urls),
    # The health of this process, for probes.
    path("cors/", include("corsadmin.urls")),
    # Only while DEBUG is on; in production a web server or a CDN serves build/static.
    *staticfiles_urlpatterns(),
]
