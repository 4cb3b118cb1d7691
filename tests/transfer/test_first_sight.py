"""What is taken at first sight is what a close look finds, and what the admin's form would take."""

import json
from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsadmin.models import Tenant
from corsadmin.transfer.formats.document import walk
from corsadmin.transfer.formats.document_source import LoadedSource, make_object
from corsadmin.transfer.formats.json_reader import JsonStream
from corsadmin.transfer.records.check import REMARKS, Record, check_entry, examine
from corsadmin.transfer.records.record_types import HOST, KINDS, ORIGIN, PATH, TENANT
from tests.engine.strategies import host_texts, path_texts, pattern_texts

MOMENTS = ["2027-01-31T00:00:00Z", "2027-01-31T00:00:00+02:00", "2026-01-31T00:00:00.5Z"]
flags = st.booleans()
names_of_headers = st.sampled_from(["x-a", "Content-Type", "cookie", "*", "a b", "", "x-a"])
SOUND = {
    "slug": st.sampled_from(["acme", "a-1", "Acme", "-a", "", "x" * 64]),
    "host": host_texts,
    "pattern": st.one_of(st.sampled_from(["https://a.example", "http://a.example"]), pattern_texts),
    "path": st.one_of(st.just("/api/"), path_texts),
    "scope": st.one_of(st.just(""), path_texts),
    "name": st.sampled_from(["", "Acme", "n" * 201]),
    "made_by": st.sampled_from(["", "ci", "c" * 151]),
    "note": st.text("aé\n", max_size=4),
    "methods": st.lists(st.sampled_from(["GET", "get", "*", "TRACE"]), max_size=3),
    "request_headers": st.lists(names_of_headers, max_size=3),
    "exposed_headers": st.lists(names_of_headers, max_size=3),
    "max_age": st.none() | st.integers(-1, 90_000),
    "valid_from": st.none() | st.sampled_from(MOMENTS),
    "valid_until": st.none() | st.sampled_from(MOMENTS),
}
ODD = st.one_of(
    *(
        st.none(),
        st.booleans(),
        st.integers(),
        st.just("yes"),
        st.just(["a", 1]),
        st.just({"a": 1}),
    ),
    st.sampled_from(["2027-01-31", "soon", "a\0", "\ud800"]),
)


def written(kind, *, odd):
    """Return a strategy for what a file may say of a row; `odd` also says what none should."""
    keys = {name: SOUND.get(name, flags) for name in kind.names}
    if odd:
        keys = {name: values | ODD for name, values in keys.items()}
        keys |= {REMARKS: st.just(["mended"]), "pattrn": st.just("x")}
    must = {} if odd else {name: keys.pop(name) for name in kind.required}
    return st.fixed_dictionaries(must, optional=keys)


EVERY_KIND = st.sampled_from(KINDS)


def entries(*, odd, kinds=EVERY_KIND):
    def entry(kind):
        found = written(kind, odd=odd)
        if kind is HOST:
            found = (SOUND["host"] | ODD) if odd else SOUND["host"]
        elif odd:
            found = found | ODD
        return found.map(lambda value: Record(kind, "acme", "here", value))

    return kinds.flatmap(entry)


@given(entries(odd=True), st.booleans())
def test_a_close_look_finds_nothing_else(entry, whole):
    closely, taken = examine(entry, whole=whole), check_entry(entry, whole=whole)

    assert list(taken.faults) == list(closely.faults)
    if not taken.faults:
        assert taken._replace(faults=()) == closely._replace(faults=())
        assert [*map(type, taken.row)] == [*map(type, closely.row)]


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries(odd=False))
def test_a_file_may_say_what_the_model_takes_and_nothing_else(entry):
    row, faults, _missing, _in_doubt = check_entry(entry, whole=True)

    keys = {entry.kind.names[0]: entry.written} if entry.kind is HOST else dict(entry.written)
    for name in {"valid_from", "valid_until"} & {name for name in keys if keys[name]}:
        keys[name] = datetime.fromisoformat(keys[name])
    codes = {fault.code for fault in faults}
    # What no database takes Django finds out when it writes.
    assert "text-unstorable" in codes or bool(codes) == is_refused(entry.kind, keys)
    assert codes or dict(zip(entry.kind.names, row, strict=True)).items() >= keys.items()


def is_refused(kind, keys):
    """Report whether the model refuses a row: its fields, the gate and every constraint."""
    if kind is not TENANT:
        keys = {**keys, "tenant": Tenant.objects.get_or_create(slug="owner")[0]}
    try:
        kind.model(**keys).full_clean()
    except ValidationError:
        return True
    return False


DOCUMENTS = [
    pytest.param(
        '{"version": 1, "tenants": [{"slug": "a", "hosts": ["a.example"], "name": "A"}, '
        '{"slug": "b", "origins": [{"pattern": "https://b.example"}], "problems": ["x"]}]}',
        id="as it is written most often",
    ),
    pytest.param(
        '{"tenants": [{"origins": [{"pattern": "x", "pattern": "y"}], "slug": "a", "hosts": [1]}, '
        '{"hosts": ["a.example"]}, {"slug": 3, "paths": []}], "version": 1}',
        id="lists before the slug, or without one",
    ),
    pytest.param(
        '{"version": 1, "tenants": [{"slug": "a", "hosts": 1}, {"slug": "\\u0000", "paths": [null]}, '
        "[], 7, null, {}]}",
        id="what should be a list or an object and is none",
    ),
    pytest.param(
        '{"version": 1, "tenants": [{"slug": "a", "name": "x", "name": "y", "hosts": ["a"]}]}',
        id="a key twice",
    ),
]


@pytest.mark.parametrize("text", DOCUMENTS)
@pytest.mark.parametrize("only", [None, frozenset({"b"})], ids=["all", "only one"])
def test_how_a_file_comes_in_pieces_makes_no_difference(text, only):
    expected = list(walk(JsonStream(iter([text])), only))

    loaded = json.loads(text, object_pairs_hook=make_object)
    assert list(walk(LoadedSource(loaded), only)) == expected
    for size in (1, 3, 50):
        pieces = (text[start : start + size] for start in range(0, len(text), size))
        assert list(walk(JsonStream(pieces), only)) == expected


def test_the_kinds_know_what_a_file_must_say():
    assert {kind.name: sorted(kind.required) for kind in KINDS} == {
        "tenant": ["slug"],
        "host": ["host"],
        "origin": ["pattern"],
        "path": ["path"],
    }
    assert (PATH.defaults[PATH.names.index("methods")], ORIGIN.defaults[0]) == (
        ["GET", "HEAD", "POST"],
        "",
    )
