"""The site's URLs, all views sync."""

from tests.conformance.views import called, urls

urlpatterns = urls(called)
