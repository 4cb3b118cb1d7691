"""What both ends of a Redis or Valkey server need: where it is, and how long to wait for it."""

from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL: Final = "corsadmin"
MAX_SOCKET_SECONDS: Final = 0.25


def client(url: str, seconds: float = MAX_SOCKET_SECONDS) -> Redis:
    """Return a client that waits no longer than this for anything, and never tries twice."""
    # redis-py's own defaults wait 5 seconds ten times over.
    return Redis.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )
