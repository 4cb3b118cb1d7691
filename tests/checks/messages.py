"""What the checks say, as tests compare it."""

from django.core import checks
from django.core.checks import CheckMessage


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def texts(messages: list[CheckMessage]) -> str:
    return " ".join(f"{message.msg} {message.hint}" for message in messages)


def run_checks(*, include_deployment_checks: bool = False) -> list[CheckMessage]:
    # No database is named: Django 6.1's own checks would ask it what it can do.
    return checks.run_checks(include_deployment_checks=include_deployment_checks, databases=[])
