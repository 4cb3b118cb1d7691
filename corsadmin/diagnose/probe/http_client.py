"""Send one request to a pinned address, bounded in time and size, without following redirects."""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import NamedTuple

from django.utils.translation import gettext as _

from corsadmin.diagnose.probe.address import Target
from corsadmin.diagnose.probe.errors import ProbeError


class Reply(NamedTuple):
    """A server's response without its body, by lower-case header name.

    Values of the headers in `repeated` are joined with commas.
    """

    status: int
    headers: dict[str, str]
    repeated: frozenset[str] = frozenset()


class _PinnedConnection(HTTPConnection):
    """A connection to one of the given addresses, wherever the host name may point by now."""

    def __init__(self, target: Target, addresses: list[str], seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self._target = target
        self._addresses = addresses
        self._deadline = time.monotonic() + seconds
        self.is_cut = False

    def connect(self) -> None:
        plain = self._connect()
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self._target.host.strip("[]"))
        else:
            self.sock = plain

    def cut(self) -> None:
        """Shut the connection down, so that whatever waits for it ends."""
        self.is_cut = True
        # The connection may have ended already, or not have begun.
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def _connect(self) -> socket.socket:
        *others, last = self._addresses
        for address in others:
            with suppress(OSError):
                return self._connect_to(address)
        return self._connect_to(last)

    def _connect_to(self, address: str) -> socket.socket:
        left = max(0.001, self._deadline - time.monotonic())
        return socket.create_connection((address, self._target.port), timeout=left)


def send(
    target: Target, addresses: list[str], method: str, headers: Mapping[str, str], seconds: float
) -> Reply:
    """Return the target's response. Raises ProbeError if none arrives within `seconds`.

    Does not read the body. http.client bounds the number and length of the headers.
    """
    connection = _PinnedConnection(target, addresses, seconds)
    # The socket's own timeout restarts with every byte; this timer does not.
    timer = threading.Timer(seconds, connection.cut)
    timer.start()
    reply, fault = Reply(0, {}), ""
    try:
        connection.request(method, target.path, headers={"Host": target.authority, **headers})
        reply = _read(connection.getresponse())
    except (OSError, HTTPException, ValueError) as error:
        fault = str(error) or type(error).__name__
    finally:
        timer.cancel()
        connection.close()
    if connection.is_cut:
        fault = _("it took longer than the timeout")  # the reply may be incomplete
    if fault:
        message = _("%(url)s did not respond: %(fault)s") % {"url": target.url, "fault": fault}
        raise ProbeError("no-answer", message)
    return reply


def _read(response: HTTPResponse) -> Reply:
    found: dict[str, str] = {}
    repeated: set[str] = set()
    for name, value in response.getheaders():
        key = name.lower()
        if key in found:
            repeated.add(key)
        found[key] = f"{found[key]}, {value}" if key in found else value
    return Reply(response.status, found, frozenset(repeated))
