"""Send a file while it is being written, under WSGI and under ASGI."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

Pieces = Iterator[str] | Iterator[bytes]


def stream_file(
    request: HttpRequest, pieces: Pieces, name: str, content_type: str
) -> StreamingHttpResponse:
    """Answer with a file to download."""
    # Under ASGI, Django would read a plain iterator into memory before it sent any of it.
    is_async = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(
        _awaited(pieces) if is_async else pieces,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _awaited(pieces: Pieces) -> AsyncIterator[str | bytes]:
    """Yield the pieces, each made in the thread that owns the database connection."""

    def make() -> str | bytes | None:
        return next(pieces, None)

    while (piece := await sync_to_async(make)()) is not None:
        yield piece
