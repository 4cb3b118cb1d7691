"""What a site may name in its settings, right and wrong."""

from django.urls import include, path

from corsadmin.middleware import CorsMiddleware

urlpatterns: list[object] = [path("", include([]))]  # a site without an admin


class OwnMiddleware(CorsMiddleware):
    """A site's own subclass counts as ours."""


def not_two(request: object) -> None:
    """Take one argument only."""


async def asynchronous(request: object, policies: object) -> None:
    """Find no tenant, and take a while."""


class AsynchronousCall:
    async def __call__(self, request: object, policies: object) -> None:
        """Find no tenant, and take a while."""


class PlainCall:
    def __call__(self, request: object, policies: object) -> None:
        """Find no tenant."""


asynchronous_object = AsynchronousCall()
plain_object = PlainCall()
