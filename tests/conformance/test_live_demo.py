"""The demo's policies behind real processes: the promised answers, and changes that travel."""

import http.cookiejar
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.asserts import PREFLIGHT_VARY, assert_cors, assert_no_cors
from tests.servers import (
    PROMISED_SECONDS,
    Answer,
    Site,
    environment,
    eventually,
    manage,
    serve,
)

pytestmark = pytest.mark.slow

SAMPLE = "project/sample/policies.json"
APP = "https://app.acme.example"
PASSWORD = "only-for-the-tests"


@pytest.fixture(scope="module")
def sites(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Site]]:
    """Two processes on one file."""
    folder = tmp_path_factory.mktemp("demo")
    env = environment(
        migrated_file,
        ALLOWED_HOSTS=".localhost,localhost",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    manage(env, "cors_import", SAMPLE)
    manage(env, "createsuperuser", "--noinput", "--username", "demo", "--email", "")
    with serve("gunicorn gthread", folder, env) as one, serve("uvicorn h11", folder, env) as other:
        yield one, other


def preflight(site: Site, host: str, origin: str) -> Answer:
    """Return the answer to the preflight of the documentation's curl line."""
    headers = {
        "Host": host,
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return site.ask("/greet", "OPTIONS", headers)


def test_the_preflight_of_the_documentation_is_allowed(sites: tuple[Site, Site]) -> None:
    for site in sites:
        answer = preflight(site, "acme.localhost", APP)

        assert (answer.status, answer.body) == (204, b"")
        assert_cors(
            answer.headers,
            origin=APP,
            credentials=True,
            methods="POST",
            request_headers="content-type",
            max_age="60",
            vary=PREFLIGHT_VARY,
        )


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        pytest.param("acme.localhost", f"{APP}.evil.example", id="another origin"),
        pytest.param("globex.localhost", APP, id="another tenant"),
    ],
)
def test_the_preflight_of_the_documentation_is_refused(
    sites: tuple[Site, Site], host: str, origin: str
) -> None:
    for site in sites:
        answer = preflight(site, host, origin)

        assert (answer.status, answer.body) == (403, b"")
        assert_no_cors(answer.headers, vary=PREFLIGHT_VARY)


def test_a_change_saved_through_one_process_governs_the_other(sites: tuple[Site, Site]) -> None:
    one, other = sites
    origin = "https://new.acme.example"
    staff = Staff(one)
    assert preflight(other, "acme.localhost", origin).status == 403

    staff.add_origin("acme", origin)

    for site in sites:
        ask = partial(preflight, site, "acme.localhost", origin)
        eventually(ask, lambda answer: answer.status == 204, PROMISED_SECONDS)

    staff.delete_origin(origin)

    for site in sites:
        ask = partial(preflight, site, "acme.localhost", origin)
        eventually(ask, lambda answer: answer.status == 403, PROMISED_SECONDS)


class Staff:
    """Somebody who works in the admin of one process."""

    def __init__(self, site: Site, password: str = PASSWORD) -> None:
        self.base = f"http://localhost:{site.port}/admin/"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)
        self.post("login/", username="demo", password=password, next="/admin/")

    def add_origin(self, slug: str, pattern: str) -> None:
        [tenant] = re.findall(rf'href="/admin/corsadmin/tenant/(\d+)/change/">{slug}<', self.get(
            "corsadmin/tenant/"
        ))  # fmt: skip
        self.post("corsadmin/origin/add/", tenant=tenant, pattern=pattern, enabled="on")

    def delete_origin(self, pattern: str) -> None:
        [key] = re.findall(
            rf'href="/admin/corsadmin/origin/(\d+)/change/[^"]*">{re.escape(pattern)}<',
            self.get("corsadmin/origin/").replace("<wbr>", ""),
        )
        self.post(f"corsadmin/origin/{key}/delete/", post="yes")

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path) as response:
            page: str = response.read().decode()
        # Where a column may break a text is not part of the text.
        return page.replace("<wbr>", "")

    def post(self, path: str, **fields: str) -> None:
        """Send a form; assert that the admin took it, which it shows by going elsewhere."""
        [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path)))
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        with self.opener.open(self.base + path, body) as response:
            page = response.read().decode()

            assert response.url != self.base + path, page
