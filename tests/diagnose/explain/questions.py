"""Questions as tests ask them: a page of https://app.example.com calls acme's API."""

from typing import Any

from corsadmin.diagnose.explain import Explanation, Question, explain

HOST = "acme.example.net"
APP = "https://app.example.com"
EVIL = "https://evil.example"


def ask(origin: str = APP, path: str = "/api/x", **question: Any) -> Explanation:
    """Explain a call, a plain GET unless told otherwise."""
    return explain(Question(**{"host": HOST, "path": path, "origin": origin, **question}))


def find_nobody(_request: object, _policies: object) -> None:
    """Find no tenant for a request: a resolver of a project's own."""
