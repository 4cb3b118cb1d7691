"""What browsers remember of a change that is too large to compare."""

from corsadmin.admin.effect import taken_away
from corsadmin.admin.effect.taken_away import remembered_seconds
from corsadmin.engine.rules import MAX_PREFLIGHT_AGE
from corsadmin.models import generation


def test_more_versions_than_are_compared_count_as_the_longest_time(acme, monkeypatch):
    monkeypatch.setattr(taken_away, "MAX_COMPARED_VERSIONS", 0)
    entry = acme.origins.get()
    entry.note = "x"

    with generation.completed_changes() as changes:
        entry.save()

    assert [remembered_seconds(change) for change in changes] == [MAX_PREFLIGHT_AGE]
