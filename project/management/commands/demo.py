"""Start the demo: database, sample policies, a log-in, the API with its admin, the front end."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import salted_hmac

from corsadmin.models import Tenant
from project.frontend_server import make_server

SAMPLE = Path(settings.BASE_DIR) / "project" / "sample" / "policies.json"
USERNAME = "demo"
START_SECONDS = 60

WELCOME = """
The demo is running. Ctrl-C stops it.

  Front end  {front}
  API        {api}/
  Admin      {api}/admin/
             {login}

The front end is another origin than the API. See its calls blocked, then allowed:

  1. Open the front end and press "Greet". The browser blocks the response.
  2. Log into the admin, open Tenants, then Acme, and add the origin {origin}
     (with credentials, if the button with cookies should work too). Save.
  3. Press "Greet" again. Delete the origin in the admin, and it is blocked once more.

A preflight, as a browser sends it, from an allowed origin:

  {curl}
"""

CURL = (
    "curl -i -X OPTIONS -H 'Host: acme.localhost' -H 'Origin: https://app.acme.example' "
    "-H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: content-type' "
    "http://127.0.0.1:{port}/greet"
)


def check_port(option: str, port: int) -> None:
    """Raise CommandError, with the way out, unless a server can be bound to the port."""
    try:
        make_server(port).server_close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        message = (
            f"Port {port} cannot be used: {why}. "
            f"Choose another: make demo {option}={min(port, 60000) + 1}"
        )
        raise CommandError(message) from error


def import_sample() -> bool:
    """Import the sample into a database without tenants; report whether it was done.

    Only once, because what somebody changed in the admin must survive the next start.
    """
    if Tenant.objects.exclude(slug="platform").exists():
        return False
    call_command("cors_import", str(SAMPLE), reason="Sample policies of the demo", verbosity=0)
    return True


def make_login() -> str:
    """Create the demo's superuser if there is none, and return how to log in."""
    # Random, yet the same at every start: it is derived from this checkout's secret key.
    digest = salted_hmac("project.demo", "password", algorithm="sha256")
    password = digest.hexdigest()[:12]
    user = User.objects.filter(username=USERNAME).first()
    if user is None:
        user = User.objects.create_superuser(USERNAME, password=password)
    if user.check_password(password):
        return f"log in as {USERNAME}, password {password}"
    return f"log in as {USERNAME} with its own password (forgotten: manage.py changepassword demo)"


def start_api(port: int, front: str) -> subprocess.Popen[bytes]:
    """Start Django's development server; its log shows each request, preflights too."""
    return subprocess.Popen(  # noqa: S603 - nothing in it comes from outside but a number
        [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload"],
        cwd=settings.BASE_DIR,
        env={
            "DEBUG": "1",
            "FRONT_END_URL": front,
            # The servers to probe are on this machine.
            "CORSADMIN_PROBE_PRIVATE_ADDRESSES": "1",
            **os.environ,
        },
        stdout=subprocess.DEVNULL,
    )


def wait_for_api(server: subprocess.Popen[bytes], port: int) -> None:
    """Return once the API has answered a request; CommandError if it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    message = "The API did not start. What it printed above says why."
    raise CommandError(message)


def stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


class Command(BaseCommand):
    help = "Start the demo site: the API with its admin, and a front end on another origin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--api-port", type=int, default=8000, help="default: %(default)s")
        parser.add_argument("--front-port", type=int, default=1234, help="default: %(default)s")

    def handle(self, *_args: Any, api_port: int, front_port: int, **_options: Any) -> None:
        # SIGTERM (kill) and SIGHUP (a closed terminal) stop both servers as Ctrl-C does. SIGINT is
        # set too, because shells start background jobs with it ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        check_port("API_PORT", api_port)
        check_port("FRONT_PORT", front_port)
        call_command("migrate", interactive=False, verbosity=0)
        if import_sample():
            self.stdout.write(f"Imported {SAMPLE.relative_to(settings.BASE_DIR)}.")
        else:
            self.stdout.write("Kept the policies that are in the database.")
        self.run(api_port, front_port, make_login())

    def run(self, api_port: int, front_port: int, login: str) -> None:
        """Run both servers until one is stopped."""
        api = f"http://localhost:{api_port}"
        origin = f"http://localhost:{front_port}"
        front = f"{origin}/" if api_port == 8000 else f"{origin}/?api={api}"  # noqa: PLR2004
        server = start_api(api_port, f"{origin}/")
        try:
            with make_server(front_port) as front_end:
                threading.Thread(target=front_end.serve_forever, daemon=True).start()
                wait_for_api(server, api_port)
                curl = CURL.format(port=api_port)
                text = WELCOME.format(front=front, api=api, origin=origin, login=login, curl=curl)
                self.stdout.write(text)
                self.stdout.flush()
                server.wait()
            message = "The API stopped."
            raise CommandError(message)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")
        finally:
            stop(server)
