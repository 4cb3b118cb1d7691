"""The versions of Django in which its own holes are closed."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def demanded(name: str) -> list[str]:
    """Return the requirements that a file makes."""
    text = (ROOT / name).read_text("utf-8")
    if name.endswith(".toml"):
        found: list[str] = tomllib.loads(text)["project"]["dependencies"]
        return found
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.txt"])
def test_v62_versions_of_django_with_known_holes_are_refused(name: str) -> None:
    [django] = [wanted for wanted in map(Requirement, demanded(name)) if wanted.name == "Django"]

    assert "5.2.13" in django.specifier
    assert "5.2.12" not in django.specifier
