"""Lines of text between the harness and its processes, through a socket that is passed on."""

import socket
from typing import Final

SILENCE: Final = 60.0  # seconds; a process that has sent nothing for so long has ended


class Line:
    """One end. Any thread may read while another one tells."""

    def __init__(self, end: socket.socket, seconds: float | None = SILENCE) -> None:
        end.settimeout(seconds)
        self._end = end
        # Not one for both directions: a write would drop what has been read ahead.
        self._lines = end.makefile("r", encoding="utf-8")

    def tell(self, text: str) -> None:
        """Send a line."""
        self._end.sendall(f"{text}\n".encode())

    def read(self) -> str:
        """Return the next line. Raises TimeoutError when none comes, EOFError at the end."""
        line = self._lines.readline()
        if not line:
            raise EOFError
        return line.rstrip("\n")
