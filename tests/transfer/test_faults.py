"""Every way a file can be wrong has its place, its code and its sentence."""

import pytest
from django.conf import settings

from corsadmin.engine.problems import CODES
from corsadmin.models import Tenant
from corsadmin.transfer.records.diagnostics import FILE_CODES, fault, file_value
from tests.factories import make_site
from tests.transfer.files import acme, document, faults_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("tenant", "expected"),
    [
        pytest.param({}, [("tenants[0].slug", "key-missing")], id="no slug"),
        pytest.param(acme(nme="Acme"), [("tenants[0].nme", "key-unknown")], id="unknown key"),
        pytest.param(
            acme(**{"a\nb": 1}), [("tenants[0].a\\nb", "key-unknown")], id="line feed in a key"
        ),
        pytest.param({"slug": 3}, [("tenants[0].slug", "wrong-type")], id="number for a slug"),
        pytest.param({"slug": "A b"}, [("tenants[0].slug", "slug-invalid")], id="no slug at all"),
        pytest.param(
            {"slug": "\0" + "x" * 100, "hosts": ["a.example"]},
            [("tenants[0].slug", "text-unstorable")],
            id="a slug that no database takes",
        ),
        pytest.param(
            {"slug": "x" * 100, "hosts": ["a.example"]},
            [("tenants[0].slug", "slug-too-long")],
            id="a slug that is too long",
        ),
        pytest.param(
            acme(is_active="true"), [("tenants[0].is_active", "wrong-type")], id="text for true"
        ),
        pytest.param(acme(note=None), [("tenants[0].note", "wrong-type")], id="null for a text"),
        pytest.param(
            acme(name="x" * 201), [("tenants[0].name", "text-too-long")], id="name too long"
        ),
        pytest.param(
            acme(note="a\0b"), [("tenants[0].note", "text-unstorable")], id="NUL in a note"
        ),
        pytest.param(
            acme(note="\ud800"), [("tenants[0].note", "text-unstorable")], id="lone surrogate"
        ),
        pytest.param(acme(note="naïve"), [], id="accents in a note"),
        pytest.param(acme(hosts={}), [("tenants[0].hosts", "wrong-type")], id="hosts no list"),
        pytest.param(
            acme(hosts=["a.example", 3]), [("tenants[0].hosts[1]", "wrong-type")], id="no host"
        ),
        pytest.param(
            acme(hosts=["A.example"]), [("tenants[0].hosts[0]", "host-upper-case")], id="bad host"
        ),
        pytest.param(
            acme(hosts=["a.example", "b.example", "a.example"]),
            [("tenants[0].hosts[2]", "duplicate")],
            id="host twice",
        ),
        pytest.param(
            acme(origins=["https://a.example"]),
            [("tenants[0].origins[0]", "wrong-type")],
            id="origin no object",
        ),
        pytest.param(
            acme(origins=[{"scope": "/a/"}]),
            [("tenants[0].origins[0].pattern", "key-missing")],
            id="no pattern",
        ),
        pytest.param(
            acme(origins=[{"pattern": "https://a.example:443"}]),
            [("tenants[0].origins[0].pattern", "origin-default-port")],
            id="default port",
        ),
        pytest.param(
            acme(origins=[{"pattern": "http://a.example", "credentials": True}]),
            [("tenants[0].origins[0].pattern", "risk-plain-http")],
            id="risk not accepted",
        ),
        pytest.param(
            acme(
                origins=[
                    {"pattern": "http://a.example", "credentials": True, "risk_accepted": True}
                ]
            ),
            [],
            id="risk accepted",
        ),
        pytest.param(
            acme(origins=[{"pattern": "https://a.example"}, {"pattern": "https://a.example"}]),
            [("tenants[0].origins[1]", "duplicate")],
            id="origin twice",
        ),
        pytest.param(
            acme(
                origins=[
                    {"pattern": "https://a.example"},
                    {"pattern": "https://a.example", "scope": "/a/"},
                ]
            ),
            [],
            id="same origin in another scope",
        ),
        pytest.param(
            acme(
                origins=[
                    {
                        "pattern": "https://a.example",
                        "valid_from": "2027-01-02T00:00:00Z",
                        "valid_until": "2027-01-01T00:00:00Z",
                    }
                ]
            ),
            [("tenants[0].origins[0].valid_until", "window-order")],
            id="window in the wrong order",
        ),
        pytest.param(
            acme(
                origins=[
                    {"pattern": "https://a.example", "valid_from": 3, "valid_until": "tomorrow"},
                    {"pattern": "https://b.example", "valid_from": "2027-01-31"},
                    {"pattern": "https://c.example", "valid_from": "0001-01-01T00:00:00+14:00"},
                    {"pattern": "https://d.example", "valid_from": None},
                ]
            ),
            [
                ("tenants[0].origins[0].valid_from", "wrong-type"),
                ("tenants[0].origins[0].valid_until", "moment-invalid"),
                ("tenants[0].origins[1].valid_from", "moment-without-zone"),
                ("tenants[0].origins[2].valid_from", "moment-out-of-range"),
            ],
            id="no moments",
        ),
        pytest.param(
            acme(
                paths=[
                    {
                        "path": "api",
                        "methods": ["GET", "get"],
                        "request_headers": "content-type",
                        "exposed_headers": ["x-a", "x-b", "x-a"],
                        "max_age": True,
                        "any_origin": 1,
                    }
                ]
            ),
            [
                ("tenants[0].paths[0].any_origin", "wrong-type"),
                ("tenants[0].paths[0].request_headers", "wrong-type"),
                ("tenants[0].paths[0].max_age", "wrong-type"),
                ("tenants[0].paths[0].path", "path-leading-slash-missing"),
                ("tenants[0].paths[0].methods[1]", "method-lower-case"),
                ("tenants[0].paths[0].exposed_headers[2]", "value-duplicate"),
            ],
            id="every fault of a path rule at once",
        ),
        pytest.param(
            acme(paths=[{"path": "/a", "methods": ["GET", 3]}]),
            [("tenants[0].paths[0].methods", "wrong-type")],
            id="number for a method",
        ),
        pytest.param(
            acme(paths=[{"path": "/a", "methods": ["GET", "\0"]}]),
            [("tenants[0].paths[0].methods", "text-unstorable")],
            id="NUL for a method",
        ),
        pytest.param(
            acme(paths=[{"path": "/a"}, {"path": "/a", "note": "again"}]),
            [("tenants[0].paths[1]", "duplicate")],
            id="path twice",
        ),
        pytest.param(
            acme(paths=[{"path": "/a", "any_origin": True, "credentials": True}]),
            [("tenants[0].paths[0].any_origin", "any-origin-with-credentials")],
            id="any origin with credentials",
        ),
    ],
)
def test_a_fault_of_a_tenant_names_its_place(tenant, expected):
    assert faults_of(document(tenant)) == expected
    assert not Tenant.objects.filter(slug="acme").exists()


def test_a_host_of_a_tenant_that_the_file_does_not_name_is_refused():
    make_site("rival")

    assert faults_of(document(acme(hosts=["rival.example.net"]))) == [
        ("tenants[0].hosts[0]", "host-taken")
    ]


def test_faults_of_the_file_and_of_the_database_are_shown_together():
    make_site("rival")
    tenant = acme(hosts=["rival.example.net", "A.example"])

    assert faults_of(document(tenant), expected=-1) == [
        ("tenants[0].hosts[1]", "host-upper-case"),
        ("tenants[0].hosts[0]", "host-taken"),
        ("", "changed-meanwhile"),
    ]


def test_a_tenant_that_was_asked_for_must_be_in_the_file():
    assert faults_of(document(acme()), only=frozenset({"acme", "rival"})) == [
        ("", "tenant-not-in-file")
    ]


def test_codes_of_files_are_not_those_of_the_engine():
    assert not FILE_CODES & CODES


def test_the_page_describes_every_code_of_files():
    page = (settings.BASE_DIR / "docs" / "import-export.md").read_text(encoding="utf-8")
    table = page.split("| code | meaning |")[1].split("\n\n")[0]

    assert [row.split("`")[1] for row in table.splitlines()[2:]] == sorted(FILE_CODES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("naïve", "naïve", id="accent"),
        pytest.param(["naïve\n"], "['naïve\\n']", id="a list"),
        pytest.param("naïve\n", "naïve\\n", id="a line break beside an accent"),
        pytest.param("a\x1b[31m", "a\\x1b[31m", id="escape sequence"),
        pytest.param("a\u202eb", "a\\u202eb", id="right-to-left override"),
        pytest.param("x" * 200, "x" * 120 + "…", id="long"),
        pytest.param(3, "3", id="number"),
    ],
)
def test_values_are_shown_without_odd_characters(value, expected):
    assert file_value(value) == expected


def test_a_fault_without_a_place_is_its_sentence():
    found = fault("", "key-missing", "slug")

    assert "“slug”" in found.sentence
    assert str(found) == found.sentence
    assert str(fault("a", "key-missing", "slug")) == f"a: {found.sentence}"
