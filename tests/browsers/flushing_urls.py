"""The demo's pages, and one that writes what the server process has seen, for tests that wait for it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from corsadmin import sightings
from project.urls import urlpatterns as pages


def flush_now(request: HttpRequest) -> HttpResponse:
    """Write what this process has seen of callers."""
    sightings.flush()
    return HttpResponse("flushed")


urlpatterns = [path("flush", flush_now), *pages]
