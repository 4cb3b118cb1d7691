"""Run `cors_explain` on options or on a pasted text."""

import io
import sys
from types import SimpleNamespace

import pytest
from django.core.management import call_command

APP = "https://app.example.com"
LINE = (
    "Access to fetch at 'https://acme.example.net/api/x' from origin 'https://app.example.com' has "
    "been blocked by CORS policy: Response to preflight request doesn't pass access control check: "
    "No 'Access-Control-Allow-Origin' header is present on the requested resource."
)


def run(capsys: pytest.CaptureFixture[str], *more: str, **options: str) -> tuple[int, str]:
    """Run the command; return its exit status and what it printed."""
    given = {"host": "acme.example.net", "path": "/api/x", "origin": APP, **options}
    line = [f"--{name}={value}" for name, value in given.items()]
    status = 0
    try:
        call_command("cors_explain", *line, *more)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, capsys.readouterr().out


def paste(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, *more: str
) -> tuple[int, str]:
    """Run the command with a text on standard input; return its exit status and its output."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    status = 0
    try:
        call_command("cors_explain", "--paste", *more)
    except SystemExit as end:
        status = int(end.code or 0)
    return status, capsys.readouterr().out
