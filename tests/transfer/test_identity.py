"""What is exported and imported again is what was stored, whatever has become of it meanwhile."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsadmin.models import Origin, PathRule, Tenant, TenantHost, generation
from corsadmin.transfer.formats.registry import FORMATS
from corsadmin.transfer.plan.apply import Signature
from corsadmin.transfer.records.check import Record, check_entry
from corsadmin.transfer.records.record_types import KINDS, TENANT, Kind
from tests.transfer.files import apply_file
from tests.transfer.test_first_sight import entries

SLUGS = ("acme", "rival")
moments = st.none() | st.integers(1_767_225_600, 1_900_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
notes = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
headers = st.lists(st.sampled_from(["x-a", "x-b", "authorization"]), unique=True)
flags = st.booleans()
origins = st.fixed_dictionaries({
    "pattern": st.sampled_from([
        *("https://a.example", "https://*.b.example:8443", "http://localhost:*"),
        *("https://*.github.io", "http://c.example", "capacitor://localhost"),
        *("https://pr-*.acme.dev", "app://-", "app://*"),
    ]),
    "credentials": flags,
    "enabled": flags,
    "scope": st.sampled_from(["", "/api/", "/api/{$}", "/a/*/b"]),
    "valid_from": moments,
    "valid_until": moments,
    "risk_accepted": flags,
    "made_by": st.sampled_from(["", "ci", "=1"]),
    "note": notes,
})  # fmt: skip
rules = st.fixed_dictionaries({
    "path": st.sampled_from(["/", "/api/", "/api/{$}", "/a/*/b"]),
    "enabled": flags,
    "exclusive": flags,
    "any_origin": flags,
    "credentials": flags,
    "methods": st.lists(st.sampled_from(["GET", "PUT", "*"]), unique=True),
    "request_headers": headers,
    "exposed_headers": headers,
    "max_age": st.none() | st.integers(0, 86_400),
    "refuse_unlisted": flags,
    "note": notes,
})  # fmt: skip
tenants = st.fixed_dictionaries({
    "name": notes,
    "is_active": flags,
    "inherits_platform": flags,
    "note": notes,
    "hosts": st.sets(st.sampled_from(["a.example", "b.example"])),
    "origins": st.lists(origins, max_size=4),
    "paths": st.lists(rules, max_size=3),
})  # fmt: skip


def store(slug, tenant):
    """Store a tenant, and those of its rows that the gate takes, as one change."""
    own = {name: value for name, value in tenant.items() if not isinstance(value, list | set)}
    with generation.change():
        row = Tenant.objects.create(slug=slug, **own)
        for host in tenant["hosts"]:
            TenantHost.objects.get_or_create(host=f"{slug}.{host}", defaults={"tenant": row})
        for model, section in ((Origin, "origins"), (PathRule, "paths")):
            for keys in tenant[section]:
                made = model(tenant=row, **keys)
                try:
                    made.full_clean()
                except ValidationError:
                    continue
                made.save()


def written(name):
    """Return the policies of these tenants as a file of a format."""
    pieces: list[Any] = list(FORMATS[name].write(SLUGS))
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


def held(kinds):
    """Return all that these tenants hold, row by row."""
    return {
        kind.name: sorted(
            map(
                repr,
                kind.model.objects.filter(
                    **{"slug__in" if kind is TENANT else "tenant__slug__in": SLUGS}
                ).values_list(*(() if kind is TENANT else ("tenant__slug",)), *kind.names),
            )
        )
        for kind in kinds
    }


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=8,  # each stores two policies twice, and the same are drawn for each format
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=st.tuples(tenants, tenants), after=st.tuples(tenants, tenants))
def test_an_export_brings_everything_back(name, before, after):
    kinds = FORMATS[name].kinds
    with transaction.atomic():
        for slug, tenant in zip(SLUGS, before, strict=True):
            store(slug, tenant)
        content, expected = written(name), held(kinds)
        with_origins = set(Origin.objects.values_list("tenant__slug", flat=True))
        assert apply_file(content, Signature(), format=name, prune=True)[0] == []
        Tenant.objects.filter(slug__in=SLUGS).delete()
        for slug, tenant in zip(SLUGS, after, strict=True):
            store(slug, tenant)
        if TENANT not in kinds:
            # A table names only the tenants that have an origin.
            Origin.objects.filter(tenant__slug__in=set(SLUGS) - with_origins).delete()

        apply_file(content, Signature(), format=name, prune=True)

        assert held(kinds) == expected
        assert written(name) == content or name == "xlsx"
        transaction.set_rollback(True)


@st.composite
def filled(draw: st.DrawFn, kind: Kind) -> tuple[Record, dict[str, Any]]:
    """Return an entry that leaves something out, and values for that."""
    entry = draw(entries(odd=False, kinds=st.just(kind)))
    values = draw(entries(odd=False, kinds=st.just(kind)))
    return entry, {**values.written, **entry.written}


@given(st.sampled_from([kind for kind in KINDS if len(kind.columns) > 1]).flatmap(filled))
def test_what_is_wrong_for_certain_is_wrong_whatever_is_stored(drawn):
    entry, together = drawn
    certain = {fault.code for fault in check_entry(entry).faults}
    whole = {
        fault.code
        for fault in check_entry(Record(entry.kind, "acme", "here", together), whole=True).faults
    }

    assert certain <= whole
