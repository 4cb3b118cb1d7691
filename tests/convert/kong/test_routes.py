"""Kong's routes: which plugin holds for each, and which of them are the tenant's."""

import json
from typing import Any

import pytest
import yaml

from corsadmin.convert.kong.source import read_policies
from tests.convert.kong.configuration import APP, cors, document, route


def test_a_plugin_for_other_protocols_does_not_hold():
    other = {**cors(), "protocols": ["grpc"]}
    written = document(route("/", plugins=[other, cors(max_age=5)]))

    assert [path["max_age"] for path in read_policies(json.dumps(written)).paths] == [5]


def test_the_nearest_plugin_holds():
    written: dict[str, Any] = {
        "services": [{"name": "shop", "id": "7"}],
        "routes": [{**route("/api/"), "service": {"id": "7"}}, route("/other/", name="two")],
        "plugins": [
            {**cors(), "consumer": "someone"},
            {**cors(), "route": "three"},
            {**cors(), "service": "theirs"},
            {**cors(), "service": "shop"},
            {**cors(**APP), "service": {"name": "shop"}, "route": "one"},
            {"name": "cors", "_config": "shared", "config": {"credentials": True}},
            {**cors(max_age=60), "route": "two"},
        ],
        "_plugin_configs": {"shared": {"origins": ["https://app.example.com"]}},
    }

    conversion = read_policies(json.dumps(written))

    assert [(path["path"], path["any_origin"], path["max_age"]) for path in conversion.paths] == [
        ("/api/", False, None),
        ("/other/", True, 60),
    ]
    written["plugins"].pop()
    conversion = read_policies(json.dumps(written))
    assert [origin["pattern"] for origin in conversion.origins] == [
        *("https://app.example.com", "https://x.example.org", "https://app.example.com"),
    ]


@pytest.mark.parametrize(
    ("hosts", "paths"),
    [
        pytest.param([], ["/b/", "/wild/"], id="of its first route"),
        pytest.param(["a.localhost"], ["/a/", "/wild/"], id="one"),
        pytest.param(["a.localhost", "b.localhost"], ["/wild/"], id="all of them"),
        pytest.param(["a.example", "a.example.com"], ["/tail/"], id="by their beginning"),
        pytest.param(["c.example.org"], ["/all/"], id="none that is named"),
    ],
)
def test_the_routes_are_those_of_the_hosts(hosts, paths):
    routes = [
        route("/b/", hosts=["b.localhost"]),
        route("/a/", hosts=["a.localhost"]),
        route("/wild/", hosts=["*.localhost"]),
        route("/tail/", hosts=["a.example", "a.example.*"]),
        route("/all/"),
        route("/tcp/", protocols=["tcp"]),
    ]

    conversion = read_policies(json.dumps(document(*routes, plugins=[cors()])), hosts)

    assert [path["path"] for path in conversion.paths] == paths


def test_before_version_3_a_path_could_be_a_regex():
    written = document(route("/api/[^/]+$"), plugins=[cors()]) | {"_format_version": "1.1"}

    conversion = read_policies(yaml.safe_dump(written))

    assert [path["path"] for path in conversion.paths] == ["/api/*"]
