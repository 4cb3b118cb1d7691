"""The site's URLs, all views async."""

from tests.conformance.views import called_async, urls  # pragma: no cover (not in a first row)

urlpatterns = urls(called_async)  # pragma: no cover
