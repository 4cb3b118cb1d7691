"""The demo site's addresses, and one for Prometheus."""

from django.urls import path

from corsadmin.metrics import metrics
from project.urls import urlpatterns as of_the_site

urlpatterns = [path("metrics/", metrics), *of_the_site]
