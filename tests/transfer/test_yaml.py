"""The interchange document as YAML: the same as JSON, and nothing YAML can do besides."""

import json
import sys
from dataclasses import replace

import pytest

from corsadmin.models import Origin
from corsadmin.transfer.formats.bounds import COMMAND
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.registry import FORMATS
from corsadmin.transfer.formats.yaml_events import MAX_SIZE
from corsadmin.transfer.formats.yaml_format import load_yaml
from corsadmin.transfer.plan.apply import Signature
from tests.factories import make_site
from tests.transfer.files import acme, apply_file, as_file, document, faults_of

pytestmark = pytest.mark.django_db

TEXT = """\
# Reviewed by two people.
version: 1
tenants:
  - slug: acme
    name: no
    hosts: [api.acme.example]
    origins:
      - pattern: https://app.acme.example
        credentials: true
        valid_until: 2027-01-31T00:00:00Z
        note: |
          Two
          lines.
    paths:
      - path: /api/
        max_age: 600
        methods: [GET]
      - path: /b/
        max_age: null
"""


def run(content, **choices):
    return apply_file(content, Signature(), format="yaml", **choices)


def export(slugs=None):
    return "".join(map(str, FORMATS["yaml"].write(slugs)))


def test_a_document_is_imported():
    lines, _made = run(TEXT)

    assert lines == [
        '+ acme: tenant: name "no"',
        "+ acme: host api.acme.example",
        (
            "+ acme: origin https://app.acme.example: credentials true, valid_until "
            '"2027-01-31T00:00:00Z", note "Two\\nlines.\\n"'
        ),
        '+ acme: path /api/: methods ["GET"], max_age 600',
        "+ acme: path /b/",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "note",
    [
        "no",
        "2027-01-31",
        "1.5",
        "012",
        "~",
        "null",
        "true",
        "=1",
        "a: b # c",
        "é\u2028x",
        "\n x",
        "",
    ],
)
def test_export_then_import_changes_nothing(note):
    make_site("acme", origins=[{"pattern": "https://a.example", "note": note}], note=note)
    text = export()

    assert run(text, prune=True)[0] == []
    Origin.objects.all().delete()
    run(text)
    assert Origin.objects.get().note == note


def test_an_export_of_nothing_is_a_document():
    assert export([]) == "version: 1\ntenants: []\n"
    assert run(export([]))[0] == []


def test_json_is_yaml():
    assert run(json.dumps(document(acme())))[0] == ["+ acme: tenant"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            "!!python/object/apply:os.system ['true']",
            ("line 1, column 1", "unreadable"),
            id="R57 an object of Python",
        ),
        pytest.param(
            "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
            ("line 2, column 8", "unreadable"),
            id="R57 alias bomb",
        ),
        pytest.param(
            "version: 1\ntenants: []\nversion: 1\n", ("", "duplicate-key"), id="R57 key twice"
        ),
        pytest.param(
            "version: 1\ntenants:\n- slug: acme\n  name: a\n  name: b\n",
            ("tenants[0]", "duplicate-key"),
            id="R57 key of a tenant twice",
        ),
        pytest.param(
            "version: 1\ntenants:\n- slug: acme\n  origins:\n  - pattern: a\n    pattern: b\n",
            ("tenants[0].origins[0]", "duplicate-key"),
            id="R57 key of an origin twice",
        ),
        pytest.param("[" * 10_000, ("line 1, column 21", "unreadable"), id="R57 deep nesting"),
        pytest.param(
            "version: 1\nx: " + "y" * MAX_SIZE, ("", "unreadable"), id="R57 beyond the size limit"
        ),
        pytest.param("? [a]\n: b\n", ("line 1, column 3", "unreadable"), id="a list for a key"),
        pytest.param("? !!str a\n: b\n", ("line 1, column 3", "unreadable"), id="a tag of a key"),
        pytest.param("a: !!str b\n", ("line 1, column 4", "unreadable"), id="a tag of YAML's own"),
        pytest.param("# nothing\n", ("", "wrong-type"), id="no document"),
        pytest.param("a: [b\n", ("line 2, column 1", "unreadable"), id="cut short"),
        pytest.param("a: b\n---\nc: d\n", ("line 2, column 1", "unreadable"), id="two documents"),
        pytest.param("a: !x b", ("line 1, column 4", "unreadable"), id="a tag"),
        pytest.param("\tx", ("line 1, column 1", "unreadable"), id="a tab"),
        pytest.param("\x01", ("", "unreadable"), id="a control character"),
        pytest.param("just text", ("", "wrong-type"), id="a text"),
        pytest.param("version: yes\ntenants: []", ("version", "version-unknown"), id="yes"),
        pytest.param(
            "version: 1\ntenants:\n- slug: acme\n  is_active: yes\n",
            ("tenants[0].is_active", "wrong-type"),
            id="yes is not true",
        ),
        pytest.param(
            "version: 1\ntenants:\n- slug: acme\n  hosts:\n  - {a: b}\n",
            ("tenants[0].hosts[0]", "wrong-type"),
            id="a host that is an object",
        ),
        pytest.param(
            "version: 1\ntenants:\n- acme\n", ("tenants[0]", "wrong-type"), id="a tenant as text"
        ),
    ],
)
def test_a_fault_names_its_place(content, expected):
    assert expected in faults_of(content, format="yaml")


def test_r57_very_many_values_are_refused_where_they_stand():
    few = replace(COMMAND, events=20)

    assert ("line 8, column 18", "unreadable") in faults_of(TEXT, format="yaml", bounds=few)


def test_without_pyyaml_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)

    assert faults_of(TEXT, format="yaml") == [("", "unreadable")]
    with pytest.raises(BrokenTextError, match="pip install"):
        export()


def test_a_text_without_a_document_is_null():
    assert load_yaml(as_file("# nothing")) is None
