"""Kong's CORS plugins: what is carried over, and that both then answer alike."""

import json
import random
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from corsadmin.convert.kong.source import read_policies
from corsadmin.models import PathRule
from corsadmin.transfer.formats.document_source import BrokenTextError
from tests.convert.importing import accept_risks, import_into
from tests.convert.kong.configuration import APP, cors, document, route
from tests.convert.kong.model import kong
from tests.convert.verdicts import FEW, HOST, differences, openings
from tests.factories import make_site
from tests.messages.screens import filled, pattern, text

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    "written",
    [
        pytest.param(document(route("/", plugins=[cors()])), id="everybody"),
        pytest.param(
            document(route("/", plugins=[cors(origins=["https://a.com", "*"], headers=["*"])])),
            id="a star among others",
        ),
        pytest.param(
            document(route("/", plugins=[cors(**APP, credentials=True)])),
            id="an echo with credentials",
        ),
        pytest.param(
            document(
                route("/api/", "/public/a/"),
                plugins=[
                    cors(**APP, credentials=True, headers=["X-Other"], methods=["GET", "PUT"])
                ],
            ),
            id="a global plugin",
        ),
        pytest.param(
            document(
                route("/", name="web"),
                route(
                    "/api/",
                    name="api",
                    plugins=[
                        cors(
                            origins=[
                                *APP["origins"],
                                r"^https://([\w-]+\.)+example\.org",
                                r"http://localhost(:\d+)?$",
                                r"https://pr-[\w-]+\.example\.net",
                            ],
                            exposed_headers=["X-Total-Count"],
                            max_age=0,
                        )
                    ],
                ),
                plugins=[cors(origins=["https://app.example.com"], max_age=60)],
            ),
            id="a route below its service",
        ),
        pytest.param(
            document(
                route("~/api/[^/]+/x$", "~^/public/(?P<rest>a)$", plugins=[cors(methods=[])]),
                route("/other", name="off", plugins=[{"name": "cors", "enabled": False}]),
            ),
            id="regexes of paths",
        ),
        pytest.param(
            document(
                route("/", plugins=[cors(**APP, credentials=True, headers=["X-Other"])]),
                route("/api/", name="two", plugins=[cors(origins=["http://localhost:3000"])]),
                route("/api/v2/", name="three"),
            ),
            id="paths within paths",
        ),
        pytest.param(
            document(route("/"), plugins=[cors(**APP, preflight_continue=True)]),
            id="preflights are left to the service",
        ),
    ],
)
def test_kong_and_this_answer_alike(written):
    conversion = read_policies(yaml.safe_dump(written))
    accept_risks(conversion)
    import_into(conversion)

    assert [
        remark for remark in conversion.remarks if "preflight_continue" not in str(remark)
    ] == []
    assert differences(kong(written)) == []


PLUGINS = [
    *([], [cors()], [cors(credentials=True)], [cors(**APP, credentials=True, headers=["X-Other"])]),
    [cors(origins=["https://app.example.com"])],
    [cors(origins=[r"https://.*example\.com", "https://x.example.org"], exposed_headers=["*"])],
    [cors(origins=[r"example\.org", "https://*.example.com"], methods=["PUT"])],
]
PATHS = [
    *(["/"], ["/api"], ["/api/"], ["/api/v2"], ["/api/v2/"], ["/public/a"], ["/apix/"]),
    *([r"~/api/v\d+/x$"], ["~/api/[^/]+$"], ["~/api"], [r"~/(?!api)"], [], [r"~/api/.*"]),
]
MORE = [
    *({}, {}, {}, {"methods": ["GET", "OPTIONS"]}, {"hosts": ["acme.localhost"]}),
    *({"headers": {"x-version": ["2"]}}, {"hosts": ["acme.localhost", "b.localhost"]}),
]


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_opened_that_kong_keeps_closed(seed):
    choose = random.Random(seed).choice
    # The first says for which hosts the import is.
    more: list[Any] = [
        choose(({}, {"hosts": ["acme.localhost"]})),
        *(choose(MORE) for _ in range(3)),
    ]
    routes = [
        route(*choose(PATHS), name=f"r{number}", plugins=choose(PLUGINS), **keys)
        for number, keys in enumerate(more)
    ]
    written = document(*routes, plugins=[cors(**APP)])
    conversion = read_policies(json.dumps(written), [HOST])
    accept_risks(conversion)
    import_into(conversion)

    assert openings(kong(written), 100) == []


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    "plugin",
    [
        pytest.param(cors(**APP, methods=["put", "delete"]), id="methods in lower case"),
        pytest.param(
            cors(**APP, credentials=True, headers=["*"], exposed_headers=["*"], methods=["*"]),
            id="stars with credentials",
        ),
        pytest.param(
            cors(origins=["*", *APP["origins"]], credentials=True),
            id="any origin with credentials beside a list",
        ),
        pytest.param(cors(origins=["null"]), id="null"),
        pytest.param(cors(origins=["(?i)https://APP.example.com"]), id="flags in a regex"),
        pytest.param(cors(headers=[f"x-{at}" for at in range(70)]), id="many headers"),
    ],
)
def test_nothing_is_opened_by_an_option(plugin):
    written = document(route("/", plugins=[plugin]))
    conversion = read_policies(json.dumps(written))
    import_into(conversion)

    assert conversion.remarks != []
    assert openings(kong(written), origins=FEW) == []


@pytest.mark.parametrize(
    ("written", "remark"),
    [
        (
            document(route("/", plugins=[cors(credentials=True, headers=["a"])])),
            text("convert-every-website"),
        ),
        (
            document(route("/", plugins=[cors(private_network=True)])),
            text("convert-private-network"),
        ),
        (
            document(route("/", plugins=[cors(origin="a")])),
            "cors of route one: origin: " + text("convert-unknown-option"),
        ),
        (document(route("/", plugins=[cors(methods=["put"])])), "cors of route one: methods 'put'"),
        (document(route("/", plugins=[cors(max_age=-1)])), text("convert-no-seconds")),
        (
            document(route("/", plugins=[cors(**APP, credentials=True, headers=["a", "*"])])),
            "headers '*': " + text("convert-literal-star"),
        ),
        (
            document(route("/", plugins=[cors(origins=["https://*.a.com"])])),
            text("convert-kong-star"),
        ),
        (
            document(route("/", plugins=[cors(origins=["https://*a.com"])])),
            text("convert-kong-star"),
        ),
        (
            document(route("/", plugins=[cors(origins=["https://pr-*.a.com"])])),
            text("convert-kong-star"),
        ),
        (
            document(route("/", plugins=[cors(origins=["https://a.*b*.com"])])),
            filled("convert-repeats", sign="*"),
        ),
        (document(route("/", plugins=[cors(origins=[r"(.*\.)a\.com"])])), "https://*.a.com"),
        (document(route("/", plugins=[cors(origins=["https://a.com/"])])), text("convert-unsent")),
        (document(route("/", plugins=[cors(methods=["A B"])])), "cors of route one: methods"),
        (document(route("/"), plugins=[cors(origins=["a.com"])]), "cors of the global plugin: a"),
        (
            {"services": [{"routes": [{}], "name": "s", "plugins": [cors(origins=["a.com"])]}]},
            "cors of service s: a.com",
        ),
        (document(route("/a/", strip_path=True), plugins=[cors()]), "strip_path of one"),
        (
            document(route("/a/", methods=["GET"]), plugins=[cors()]),
            filled("convert-kong-matches-by", what="methods"),
        ),
        (
            document(route("/a/", "/api"), plugins=[cors()]),
            "/api: " + filled("convert-without-slash", path="/api"),
        ),
        (
            document(route("/a//b/", "/a"), plugins=[cors()]),
            "/a: " + filled("convert-without-slash", path="/a"),
        ),
        (
            document(route("/"), route("/", name="two", plugins=[cors()])),
            "/: " + filled("convert-same-path", what="route two"),
        ),
        (
            document(route("/"), route("/a", name="two", plugins=[cors(**APP)]), plugins=[cors()]),
            filled("convert-closed-beyond", path="/a", what="route two", bounded="/a/"),
        ),
        (
            document(route("/", plugins=[cors()]), route("~/a/|/b/", name="two")),
            "/: " + filled("convert-closed-around", what="route two"),
        ),
        (
            document(
                route("/", plugins=[cors()]),
                route(r"~/a/\d+$", r"~/a/\d+/(?=x)", name="two"),
                route("/a/5", name="three", plugins=[cors()]),
            ),
            filled("convert-closed-inside", what="route two"),
        ),
    ],
)
def test_what_kong_had_is_told_when_it_is_not_carried_over(written, remark):
    remarks = map(str, read_policies(json.dumps(written)).remarks)

    assert [found for found in remarks if remark in found]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", pattern("convert-no-json")),
        ("[" * 5, pattern("transfer-no-yaml")),
        ("a: &b 1\nc: *b", "line 2, column 4: aliases"),
        ("services: []", pattern("convert-kong-no-plugin")),
        ("a: 1", pattern("convert-kong-without-routes")),
        ("3", pattern("convert-kong-without-routes")),
        ("services: 3", "services: " + pattern("convert-wrong-type", expected="a list of objects")),
        (
            json.dumps(document(route("/", plugins=[cors(origins="*")]))),
            "origins: " + pattern("convert-wrong-type", expected="a list of strings"),
        ),
        (
            json.dumps(document(route("/", plugins=[cors(credentials="yes")]))),
            "credentials: " + pattern("convert-wrong-type", expected="true or false"),
        ),
        (
            json.dumps(document(route("/", plugins=[{"name": "cors", "config": 3}]))),
            pattern("convert-wrong-type", expected="an object", found="number 3"),
        ),
        (
            "services: []\n_plugin_configs: [1]",
            "_plugin_configs: " + pattern("convert-wrong-type", expected="an object"),
        ),
        (
            json.dumps(document(route("/", plugins=[{"name": "cors", "_config": "none"}]))),
            pattern("convert-wrong-type", expected="an object", found="null"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused(text, reason):
    with pytest.raises(BrokenTextError, match=reason):
        read_policies(text)


def test_the_command_asks_for_the_hosts_of_the_tenant(capsys, tmp_path):
    make_site("acme", paths=[])
    routes = [route("/a/", hosts=["a.localhost"]), route("/b/", hosts=["acme.example.net"])]
    path = tmp_path / "kong.yml"
    path.write_text(yaml.safe_dump(document(*routes, plugins=[cors()])))

    call_command("cors_import", str(path), "--from", "kong", "--into", "acme")

    assert "acme: path /b/" in capsys.readouterr().out
    assert [rule.path for rule in PathRule.objects.all()] == ["/b/"]
