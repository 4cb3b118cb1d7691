"""How many label wildcards a tenant may have, when a file brings some."""

import pytest

from corsadmin.engine.wildcards import MAX_LABEL_LENGTHS
from corsadmin.models import Origin
from corsadmin.transfer.importing import Choices, plan_import
from tests.factories import TenantFactory
from tests.label_wildcards import fill, one_more, patterns, same_lengths
from tests.transfer.files import acme, as_file, document, faults_of, run_import

pytestmark = pytest.mark.django_db


def origins(*texts):
    return [{"pattern": text} for text in texts]


def of(*texts):
    return document(acme(origins=origins(*texts)))


def test_a_file_with_one_pair_of_lengths_too_many_is_refused_at_that_row():
    texts = [*patterns(MAX_LABEL_LENGTHS), same_lengths(), "https://*.a.example", one_more()]

    place = f"tenants[0].origins[{len(texts) - 1}].pattern"
    assert faults_of(of(*texts)) == [(place, "label-wildcards-too-many")]
    assert not Origin.objects.exists()


def test_what_is_stored_counts_unless_it_is_pruned():
    fill(TenantFactory(slug="acme"), MAX_LABEL_LENGTHS)
    fill(TenantFactory(slug="rival"), 1)
    more = of(same_lengths(), one_more())

    assert faults_of(more) == [("tenants[0].origins[1].pattern", "label-wildcards-too-many")]
    assert faults_of(more, prune=True) == []


def test_what_is_stored_already_may_be_changed():
    fill(TenantFactory(slug="acme"), MAX_LABEL_LENGTHS)
    (text,) = patterns(1)

    lines, _generation = run_import(document(acme(origins=[{"pattern": text, "note": "x"}])))

    assert any("note" in line for line in lines)


def test_each_tenant_is_counted_by_itself():
    texts = [*patterns(MAX_LABEL_LENGTHS)]
    two = [acme(origins=origins(*texts)), {"slug": "rival", "origins": origins(one_more())}]

    assert faults_of(document(*two)) == []


def test_what_is_too_many_can_be_skipped():
    texts = [*patterns(MAX_LABEL_LENGTHS), one_more()]

    with plan_import(as_file(of(*texts)), Choices(skip_invalid=True)) as found:
        assert [fault.code for fault in found.rejects.faults()] == ["label-wildcards-too-many"]
        assert found.plan.faults == []


def test_a_table_of_origins_is_counted_too():
    fill(TenantFactory(slug="acme"), MAX_LABEL_LENGTHS)
    table = f"tenant,pattern\nacme,{one_more()}\n"

    assert faults_of(table, format="csv") == [("line 2.pattern", "label-wildcards-too-many")]
