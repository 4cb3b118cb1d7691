"""The demo site, with the number of the worker process in every answer."""

import os
from collections.abc import Callable
from typing import Any

from project.wsgi import application as site


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Answer as the site does, and say who answered."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *rest)

    return site(environ, start)
