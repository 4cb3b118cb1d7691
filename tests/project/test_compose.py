"""compose.yaml without containers: its commands in its environment, on ports of this machine."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.conformance.test_live_demo import Staff, preflight
from tests.databases import Postgres, Redis, folder_for, free_port, wait_until
from tests.servers import ROOT, SECONDS, Site, eventually, stop

pytestmark = pytest.mark.slow

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
MACHINES = ("app-1", "app-2")
ORIGIN = "https://new.acme.example"
PROMISED_SECONDS = 2.0  # what the settings of the example promise, all hints lost


class Place(NamedTuple):
    """Where what compose.yaml calls by name is here."""

    ports: dict[str, int]  # of "postgres:5432" and so on

    def here(self, text: str, service: str = "") -> str:
        """Return a text of compose.yaml with this machine's addresses."""
        for name, port in self.ports.items():
            text = text.replace(name, f"127.0.0.1:{port}")
        own = self.ports.get(f"{service}:8000")
        text = text.replace("0.0.0.0:8000", f"127.0.0.1:{own}")
        return text.replace("localhost:8000", f"localhost:{own}")

    def start(self, service: str, command: list[str], **options: Any) -> subprocess.Popen[str]:
        """Start a command of a service, in its environment and nothing else."""
        given = SERVICES[service]["environment"]
        programs = f"{Path(sys.executable).parent}:{os.defpath}"
        return subprocess.Popen(
            [self.here(part, service) for part in command],
            cwd=ROOT, text=True, **options,
            env={"PATH": programs} | {key: self.here(value) for key, value in given.items()},
        )  # fmt: skip


@contextmanager
def example() -> Iterator[tuple[Place, str]]:
    """Run all of compose.yaml; yield where it is, and the password that "setup" told."""
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(stack.enter_context(folder_for("compose"))))
        redis = stack.enter_context(Redis(stack.enter_context(folder_for("compose-redis"))))
        postgres.execute("CREATE DATABASE cors")
        machines = {f"{name}:8000": free_port() for name in MACHINES}
        place = Place({"postgres:5432": postgres.port, "redis:6379": redis.port, **machines})
        told = [set_up(place) for _start in ("the first", "another")]
        for name in MACHINES:
            process = place.start(name, SERVICES[name]["command"], stderr=subprocess.DEVNULL)
            stack.callback(stop, process)
        for name in MACHINES:
            wait_until(partial(is_healthy, place, name), what=f"{name} is healthy")
        place.ports["nginx:80"] = stack.enter_context(front(place))
        (password,) = re.findall(r"log in as demo, password (\w+)", told[-1])
        yield place, password


def set_up(place: Place) -> str:
    """Run "setup" to its end; return what it printed."""
    process = place.start("setup", SERVICES["setup"]["command"], stdout=subprocess.PIPE)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return told


def is_healthy(place: Place, name: str) -> bool:
    """Ask as Docker would."""
    kind, *command = SERVICES[name]["healthcheck"]["test"]
    assert kind == "CMD"
    return place.start(name, command, stderr=subprocess.DEVNULL).wait(SECONDS) == 0


@contextmanager
def front(place: Place) -> Iterator[int]:
    """Run nginx with the example's configuration."""
    port = free_port()
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert program, "nginx is not installed: scripts/install-system-packages"
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for inside, here in {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "/srv/": f"{ROOT}/",
        "app-1:8000": place.here("app-1:8000"),
        "app-2:8000": place.here("app-2:8000"),
    }.items():
        assert text.count(inside) == 1, inside
        text = text.replace(inside, here)
    with folder_for("compose-nginx") as folder:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        text = text.replace("http {", f"http {{ access_log off; {paths}")
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        # Started by root, nginx reads files as nobody, who may not enter every clone's folder.
        us = pwd.getpwuid(os.geteuid()).pw_name
        process = subprocess.Popen(
            [program, "-c", f"{folder}/nginx.conf", "-p", str(folder), "-e", "stderr",
             "-g", f"daemon off; pid {folder}/nginx.pid; user {us};"],
        )  # fmt: skip
        try:
            wait_until(partial(answers, Site(port)), what="nginx answers")
            yield port
        finally:
            stop(process)


def answers(site: Site) -> bool:
    try:
        return site.ask("/cors/health/", headers={"Host": "localhost"}).status == 200
    except ConnectionError:  # pragma: no cover (unless it is up at once)
        return False


def test_a_change_saved_on_one_machine_governs_the_other() -> None:
    with example() as (place, password):
        one, other, through_nginx = (
            Site(place.ports[name]) for name in ("app-1:8000", "app-2:8000", "nginx:80")
        )
        for site in (one, other, through_nginx):
            assert preflight(site, "acme.localhost", ORIGIN).status == 403
        staff = Staff(one, password)

        staff.add_origin("acme", ORIGIN)

        for site in (one, other, through_nginx):
            ask = partial(preflight, site, "acme.localhost", ORIGIN)
            answer = eventually(ask, lambda answer: answer.status == 204, PROMISED_SECONDS)
            assert answer.headers["access-control-allow-origin"] == ORIGIN

        style = through_nginx.ask("/static/corsadmin/admin.css")
        assert (style.status, style.headers["content-type"]) == (200, "text/css")


def test_every_file_that_compose_names_is_there() -> None:
    for service in SERVICES.values():
        mounted = [text.split(":")[0] for text in service.get("volumes", ())]
        files = [text for text in mounted if text.startswith("./")]
        if "build" in service:
            files.append(service["build"]["dockerfile"])

        assert all((ROOT / file).is_file() for file in files)
        assert set(mounted) - set(files) <= set(COMPOSE["volumes"])
