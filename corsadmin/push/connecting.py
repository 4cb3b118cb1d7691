"""What publisher and subscriber need: a client of the Redis or Valkey server, with timeouts."""

from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CHANNEL: Final = "corsadmin"
MAX_SOCKET_SECONDS: Final = 0.25


def client(url: str, seconds: float = MAX_SOCKET_SECONDS) -> Redis:
    """Return a client that never waits longer than `seconds` and never retries."""
    # The defaults of redis-py wait 5 seconds ten times.
    return Redis.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )
