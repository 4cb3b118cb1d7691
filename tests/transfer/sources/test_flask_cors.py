"""The resources of flask-cors: what is carried over, and that both then answer alike."""

import json

import flask
import flask_cors
import pytest

from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.sources.flask_cors import carry_resources
from tests.transfer.sources.carrying import carry_into
from tests.transfer.verdicts import differences

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param({"*": {}}, id="everybody"),
        pytest.param(
            {
                r"^/api/.*$": {
                    "origins": ["https://app.example.com", r"^https://([\w-]+\.)+example\.org$"],
                    "methods": ["GET", "PUT"],
                    "allow_headers": ["Content-Type", "X-Other"],
                    "expose_headers": "X-Total-Count",
                    "supports_credentials": True,
                    "max_age": 60,
                },
                "/public/a": {"origins": "*", "methods": "GET"},
            },
            id="two resources",
        ),
    ],
)
def test_flask_cors_and_this_answer_alike(resources):
    carried = carry_resources(json.dumps(resources))
    carry_into(carried)

    assert carried.remarks == []
    assert differences(make_flask(resources)) == []


@pytest.mark.parametrize(
    ("resources", "remark"),
    [
        ({"/api/*": {"origins": "*"}}, "begins with /api"),
        ({"^/api": {}}, "/api or /api/"),
        (
            {"*": {"origins": "*", "supports_credentials": True, "allow_headers": "a"}},
            "every website",
        ),
        ({"*": {"origins": "https://a.b", "supports_credentials": True}}, "List the headers"),
        ({"*": {"origins": [r"^https://\w+\.a\.com$"]}}, "https://*.a.com"),
        ({"*": {"origins": ["https://a.com:443"]}}, "https://a.com"),
        ({"*": {"resource": 1}}, "not known"),
        (
            {"^/api/.*$": {"origins": "https://a.b"}, "^/api/v2/.*$": {"origins": "https://c.d"}},
            "also be allowed on /api/v2/",
        ),
    ],
)
def test_what_flask_cors_had_is_told_when_it_is_not_carried_over(resources, remark):
    (found,) = carry_resources(json.dumps(resources)).remarks

    assert remark in str(found)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"/": 3}',
    ],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(BrokenTextError):
        carry_resources(text)
