"""A project below a prefix, behind real servers: what is said of it is what they answer."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.asserts import assert_cors, assert_no_cors
from tests.servers import Site, environment, manage, serve

pytestmark = pytest.mark.slow

APP = "https://app.example.com"
HOST = "acme.localhost"
POLICY = {
    "version": 1,
    "tenants": [
        {
            "slug": "acme",
            "hosts": [HOST],
            "origins": [{"pattern": APP}],
            "paths": [{"path": "/greet"}, {"path": "/backend/orders"}],
        }
    ],
}


@pytest.fixture(scope="module")
def env(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a site with one tenant."""
    env = environment(migrated_file)
    file = tmp_path_factory.mktemp("policy") / "policy.json"
    file.write_text(json.dumps(POLICY), encoding="utf-8")
    manage(env, "cors_import", str(file))
    return env


def explained(env: Mapping[str, str], path: str, *more: str) -> dict[str, object]:
    """Return what cors_explain says of a call of an address, as a browser shows it."""
    said: dict[str, object] = json.loads(
        manage(
            env, "cors_explain", "--scheme", "http", "--host", HOST, "--path", path,
            "--origin", APP, "--format", "json", *more,
        )
    )  # fmt: skip
    return said


def ask(site: Site, path: str) -> Mapping[str, str]:
    return site.ask(path, headers={"Host": HOST, "Origin": APP}).headers


@pytest.mark.parametrize("kind", ["gunicorn sync", "uvicorn h11"])
def test_a_prefix_that_a_proxy_takes_off(kind: str, env: Mapping[str, str], tmp_path: Path) -> None:
    env = {**env, "DJANGO_SETTINGS_MODULE": "tests.diagnose.explain.mounted_settings"}

    with serve(kind, tmp_path, env) as site:
        assert_cors(ask(site, "/greet"), origin=APP)
        assert_no_cors(ask(site, "/orders"), vary=None)

    said = explained(env, "/backend/greet")
    assert (said["verdict"], said["path"]) == ("allowed", "/greet")


def test_a_prefix_that_the_server_itself_mounts(env: Mapping[str, str], tmp_path: Path) -> None:
    with serve("gunicorn sync", tmp_path, {**env, "SCRIPT_NAME": "/app"}) as site:
        assert_cors(ask(site, "/app/greet"), origin=APP)
        probed = manage(
            env, "cors_probe", f"http://{HOST}:{site.port}/app/greet", "--origin", APP,
            "--allow-private",
        )  # fmt: skip

    said = explained(env, "/app/greet", "--script-prefix", "/app")
    assert (said["verdict"], said["path"]) == ("allowed", "/greet")
    assert "\nallowed" in probed
