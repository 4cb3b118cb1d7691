"""The network for one probe: one time limit, and every name looked up and checked once."""

import time
from collections.abc import Mapping

from corsadmin.diagnose.probe.address import Target, resolve
from corsadmin.diagnose.probe.http_client import Reply, send


class Network:
    """Sends requests until the time is over. Redirects may never lead to a metadata service."""

    def __init__(self, *, seconds: float, allow_private: bool, allow_metadata: bool = True) -> None:
        self._deadline = time.monotonic() + seconds
        self._allow_private = allow_private
        self._allow_metadata = allow_metadata
        self._found: dict[tuple[str, int], list[str]] = {}

    def addresses(self, target: Target, *, is_redirect: bool = False) -> list[str]:
        """Return the addresses of a target. Raises ProbeError if the probe may not connect to it."""
        key = (target.host, target.port)
        if key not in self._found:
            self._found[key] = resolve(
                target,
                allow_private=self._allow_private,
                allow_metadata=self._allow_metadata and not is_redirect,
                seconds=self._left(),
            )
        return self._found[key]

    def send(self, target: Target, method: str, headers: Mapping[str, str]) -> Reply:
        """Return the target's response. Raises ProbeError if none arrives in time."""
        return send(target, self.addresses(target), method, headers, self._left())

    def _left(self) -> float:
        return max(0.001, self._deadline - time.monotonic())
