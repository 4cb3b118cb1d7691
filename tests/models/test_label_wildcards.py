"""How many label wildcards a tenant may have, at the gate."""

import pytest
from django.core.exceptions import ValidationError

from corsadmin.engine.wildcards import MAX_LABEL_LENGTHS
from corsadmin.models import Origin
from tests.factories import TenantFactory
from tests.label_wildcards import fill, one_more, same_lengths

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return TenantFactory(slug="acme")


def codes(row):
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    return {field: [one.code for one in found] for field, found in caught.value.error_dict.items()}


def test_one_pair_of_lengths_too_many_is_refused(acme):
    fill(acme, MAX_LABEL_LENGTHS)

    assert codes(Origin(tenant=acme, pattern=one_more())) == {
        "pattern": ["label-wildcards-too-many"]
    }


def test_disabled_entries_count(acme):
    fill(acme, MAX_LABEL_LENGTHS, enabled=False)

    assert codes(Origin(tenant=acme, pattern=one_more())) == {
        "pattern": ["label-wildcards-too-many"]
    }


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(same_lengths(), id="a label wildcard whose lengths are there"),
        pytest.param("https://*.example.org:*", id="another wildcard"),
        pytest.param("https://app.example.com", id="a plain origin"),
    ],
)
def test_what_adds_no_pair_of_lengths_passes(acme, pattern):
    fill(acme, MAX_LABEL_LENGTHS)

    Origin(tenant=acme, pattern=pattern).full_clean()


def test_there_is_room_for_the_last(acme):
    fill(acme, MAX_LABEL_LENGTHS - 1)

    Origin(tenant=acme, pattern=one_more()).full_clean()


def test_each_tenant_has_lengths_of_its_own(acme):
    fill(acme, MAX_LABEL_LENGTHS)

    Origin(tenant=TenantFactory(slug="rival"), pattern=one_more()).full_clean()


def test_what_is_stored_already_may_be_edited(acme):
    *_, last = fill(acme, MAX_LABEL_LENGTHS + 1)
    last.enabled = False

    last.full_clean()


def test_the_only_entry_of_its_lengths_may_get_others(acme):
    *_, last = fill(acme, MAX_LABEL_LENGTHS)
    last.pattern = one_more()

    last.full_clean()


def test_a_half_filled_row_is_refused_for_its_tenant_alone():
    assert codes(Origin(pattern="https://pr-*.acme.dev")) == {"tenant": ["null"]}
