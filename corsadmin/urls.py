"""Addresses to include in a site: `path("cors/", include("corsadmin.urls"))`."""

from django.urls import path

from corsadmin.serving.health import health

app_name = "corsadmin"
urlpatterns = [path("health/", health, name="health")]
