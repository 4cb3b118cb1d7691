"""The resources of flask-cors: what is carried over, and that both then answer alike."""

import json

import flask
import flask_cors
import pytest

from corsadmin.convert.flask_cors import read_policies
from corsadmin.transfer.formats.document_source import BrokenTextError
from tests.convert.importing import import_into
from tests.convert.verdicts import FEW, differences, openings
from tests.messages.screens import filled, pattern, text

pytestmark = pytest.mark.django_db


APP = {"origins": "https://app.example.com"}
OTHER = {"origins": "http://localhost:3000"}


def make_flask(resources):
    app = flask.Flask(__name__)
    flask_cors.CORS(app, resources=resources)
    app.add_url_rule(
        "/<path:path>", "any", lambda path: "ok", methods=["GET", "PUT", "DELETE", "PATCH"]
    )
    app.add_url_rule("/", "root", lambda: "ok", methods=["GET", "PUT", "DELETE", "PATCH"])

    def ask(method, path, headers):
        with app.test_client() as client:
            response = client.open(path, method=method, headers=headers)
        return {name.lower(): value for name, value in response.headers}

    return ask


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    "resources",
    [
        pytest.param({"*": {}}, id="everybody"),
        pytest.param(
            {
                r"^/api/.*$": {
                    "origins": ["https://app.example.com", r"^https://([\w-]+\.)+example\.org$"],
                    "methods": ["GET", "POST", "PUT"],
                    "allow_headers": ["Content-Type", "X-Other"],
                    "expose_headers": "X-Total-Count",
                    "supports_credentials": True,
                    "max_age": 60,
                },
                "/public/a": {"origins": "*", "methods": "GET, POST"},
            },
            id="two resources",
        ),
        pytest.param({"/*": {"origins": "HTTPS://App.Example.com"}}, id="the usual resource"),
        pytest.param(
            {"/*": {"origins": "https://app.example.com", "supports_credentials": True}},
            id="all headers with credentials",
        ),
        pytest.param(
            {
                "/*": {
                    "origins": ["https://app.example.com", r"^https://([\w-]+\.)+example\.org$"],
                    "supports_credentials": True,
                    "allow_headers": ["*", "X-.*", "Authorization"],
                }
            },
            id="a star beside names and a pattern, with credentials",
        ),
        pytest.param(
            {
                "^/api/v2/.*$": {"origins": "https://app.example.com", "methods": None},
                "^/api/.*$": {"origins": "https://app.example.com", "allow_headers": ".*"},
                "^/api/v2/": {"origins": []},
            },
            id="the first resource that fits",
        ),
        pytest.param({"/": {"origins": "*"}}, id="the root alone"),
        pytest.param({"/api/": APP, "/other": OTHER}, id="a path with its slash alone"),
        pytest.param({"^/api/$": APP, "^/public/.*$": APP}, id="a regex of one path"),
        pytest.param({"/api/": OTHER, "/*": APP}, id="a path alone below another"),
        pytest.param(
            {
                "^/api/v2/.*$": {**OTHER, "supports_credentials": True},
                "^/api/.*$": {"origins": [*APP.values(), *OTHER.values()]},
                "^/.*$": APP,
            },
            id="paths within paths, with fewer and with other origins",
        ),
        pytest.param(
            {"^/api/v2/.*$": {"origins": []}, "^/api/.*$": APP, "^/public/.*$": OTHER},
            id="a path closed to all below another",
        ),
        pytest.param(
            {
                "^/api/v2/.*$": {**APP, "supports_credentials": False},
                "^/api/.*$": {**APP, "supports_credentials": True, "allow_headers": "x-other"},
            },
            id="no credentials below a path with credentials",
        ),
        pytest.param(
            {"^/[^/]+/x$": OTHER, "^/api/$": OTHER, "^/other$": APP}, id="a star and names"
        ),
    ],
)
def test_flask_cors_and_this_answer_alike(resources):
    conversion = read_policies(json.dumps(resources))
    import_into(conversion)

    assert conversion.remarks == []
    assert differences(make_flask(resources)) == []


@pytest.mark.usefixtures("committed")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("resources", "paths"),
    [
        pytest.param({"/*": {**APP, "methods": ["*"]}}, ["/"], id="a star of methods"),
        pytest.param(
            {"/*": {**APP, "methods": ["get", "post", "put", "*"]}},
            ["/"],
            id="a star beside a method",
        ),
        pytest.param({"/a#b": OTHER, "api": OTHER, "/other": APP}, ["/other"], id="odd paths"),
        pytest.param(
            {"/api/{x}": OTHER, "/api/*": {"origins": "*"}, "/other": APP},
            ["/other"],
            id="a path with braces of its own",
        ),
        pytest.param({"/api*": APP}, [], id="a star that repeats a letter"),
        pytest.param({"^/api/.+$": APP}, [], id="a path that must go on"),
        pytest.param(
            {"/api/.*": {"origins": "*"}, "/api/(?!v2).*": OTHER},
            [],
            id="what cannot be said below what can",
        ),
        pytest.param(
            {"^/.*/v2/x$": APP, "^/api/.*$": {"origins": "*"}}, [], id="what is tried before"
        ),
        pytest.param(
            {"^/[^/]+/[^/]+/x$": OTHER, "^/api/v2/.*$": APP, "^/api/.*": OTHER},
            ["/*/*/x", "/api/v2/", "/api/"],
            id="a star that is tried before a name",
        ),
        pytest.param({"/api/*": APP, "/*": {"origins": "*"}}, ["/api/"], id="a prefix"),
        pytest.param(
            {"/*": {**APP, "supports_credentials": True, "allow_headers": ["X-.*", "x-a"]}},
            ["/"],
            id="a pattern of headers with credentials",
        ),
        pytest.param(
            {
                "/*": {
                    **APP,
                    "supports_credentials": True,
                    "expose_headers": "*",
                    "allow_headers": [],
                }
            },
            ["/"],
            id="a star of exposed headers with credentials",
        ),
        pytest.param(
            {"/*": {"origins": ["*", *APP.values()], "supports_credentials": True}},
            ["/"],
            id="any origin with credentials beside a list",
        ),
    ],
)
def test_nothing_is_opened_that_flask_cors_keeps_closed(resources, paths):
    conversion = read_policies(json.dumps(resources))
    import_into(conversion)

    assert conversion.remarks != []
    assert [path["path"] for path in conversion.paths] == paths
    assert openings(make_flask(resources), origins=FEW) == []


@pytest.mark.parametrize(
    ("resources", "remark"),
    [
        ({"/api/*": {"origins": "*"}}, filled("convert-flask-begins", prefix="/api")),
        ({"^/api": {}}, "/api or /api/"),
        (
            {"*": {"origins": "*", "supports_credentials": True, "allow_headers": "a"}},
            text("convert-every-website-it"),
        ),
        ({"*": {"methods": ["*"]}}, text("convert-flask-star")),
        (
            {"*": {"methods": "GET"}},
            "* methods without POST: "
            + filled("convert-simple-methods", done=text("convert-flask-simple-methods")),
        ),
        (
            {"*": {"allow_headers": ["X-.*"]}},
            "* allow_headers 'X-.*': " + text("convert-no-header-patterns-list"),
        ),
        ({"/a/{x}": {}}, "/a/{x}: “/a/{x}” has braces"),
        (
            {
                "*": {
                    "origins": "https://a.b",
                    "supports_credentials": True,
                    "allow_headers": "X-COMPANY-.*",
                }
            },
            "* allow_headers 'X-COMPANY-.*': " + text("convert-no-header-patterns-list"),
        ),
        (
            {
                "*": {
                    "origins": "https://a.b",
                    "supports_credentials": True,
                    "expose_headers": ["*"],
                }
            },
            "* expose_headers '*': " + text("convert-literal-star"),
        ),
        ({"*": {"origins": [r"^https://\w+\.a\.com$"]}}, "https://*.a.com"),
        ({"*": {"origins": ["https://a.com:443"]}}, "https://a.com"),
        ({"*": {"resource": 1}}, text("convert-unknown-option")),
    ],
)
def test_what_flask_cors_had_is_told_when_it_is_not_carried_over(resources, remark):
    (found,) = read_policies(json.dumps(resources)).remarks

    assert remark in str(found)


def test_a_prefix_that_takes_more_than_its_rule_closes_what_is_around_it():
    resources = {"/api/*": APP, "/*": {"origins": "*"}}

    assert [str(remark) for remark in read_policies(json.dumps(resources)).remarks] == [
        "/api/*: " + filled("convert-flask-begins", prefix="/api"),
        "/: "
        + filled("convert-closed-beyond", path="/api", what="resource /api/*", bounded="^/api/.*$"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", pattern("convert-no-json")),
        ("[]", pattern("convert-wrong-type", expected="an object of path: options", found="list")),
        (
            '{"/": 3}',
            "/: "
            + pattern("convert-wrong-type", expected="an object of options", found="number 3"),
        ),
        (
            '{"/": ["https://a.example"]}',
            "/: " + pattern("convert-wrong-type", expected="an object of options", found="list"),
        ),
        (
            '{"/": {"origins": true}}',
            "/ origins: " + pattern("convert-wrong-type", expected=text("convert-texts")),
        ),
        (
            '{"/": {"methods": [1]}}',
            "/ methods: " + pattern("convert-wrong-type", expected=text("convert-texts")),
        ),
    ],
)
def test_what_cannot_be_read_is_refused(text, reason):
    with pytest.raises(BrokenTextError, match=reason):
        read_policies(text)
