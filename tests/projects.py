"""A user's small project, written into a folder: settings, addresses, and what a test adds to them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.servers import ROOT

SETTINGS = """\
SECRET_KEY = "only-for-the-tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost"]
ROOT_URLCONF = "urls"
STATIC_URL = "static/"
USE_TZ = True
INSTALLED_APPS = [
    "corsadmin",
    "simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "corsadmin.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
CORSADMIN = {"TENANT_RESOLVER": "corsadmin.tenants.single"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""
URLS = """\
from django.contrib import admin
from django.http import HttpResponse
from django.urls import path


def answer(request):
    return HttpResponse("answer")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/orders", answer),
    path("old/orders", answer),
]
"""


# The commands that are given, one after the other, as manage.py runs them: to set Django up costs
# more than most of them.
IN_TURN = """
import json, sys
from django.core.management import execute_from_command_line
for command in json.loads(sys.argv[1]):
    execute_from_command_line(["manage.py", *command])
"""


class Project:
    """A project in a folder of its own. What runs in it runs in a process of its own."""

    def __init__(self, folder: Path, databases: Mapping[str, Any], settings: str = "") -> None:
        self.folder = folder
        self.write("settings.py", f"{SETTINGS}DATABASES = {databases!r}\n{settings}")
        self.write("urls.py", URLS)

    def write(self, name: str, text: str) -> None:
        """Write a file, in place of one that is there."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def add_settings(self, lines: str) -> None:
        """Add lines to the settings."""
        with (self.folder / "settings.py").open("a", encoding="utf-8") as file:
            file.write(lines)

    def python(self, *arguments: str, status: int = 0) -> str:
        """Run Python in the project; return all it printed, errors too. Assert how it ended."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

        assert done.returncode == status, done.stdout
        return done.stdout

    def manage(self, *arguments: str, status: int = 0) -> str:
        """Run a management command as python() does."""
        return self.python("-m", "django", *arguments, status=status)

    def manage_all(self, *commands: Sequence[str]) -> str:
        """Run management commands in one process, as manage() does, and return all they printed."""
        return self.python("-c", IN_TURN, json.dumps(commands))

    def environment(self) -> dict[str, str]:
        """Return the environment in which Python finds the project and corsadmin."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}",
        }


def sqlite(folder: Path, migrated: Path | None = None) -> dict[str, Any]:
    """Return what DATABASES must hold for an SQLite file in the folder: a copy of a migrated one."""
    file = folder / "db.sqlite3"
    if migrated:
        shutil.copyfile(migrated, file)
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}
