"""The site's URLs, all views async."""

from tests.conformance.views import called_async, urls

urlpatterns = urls(called_async)
