"""A changed copy of a mapping in parts: it shares what did not change, and tells what did."""

from corsadmin.engine.shards import OpenShards

# Two of these are in one part.
SIBLINGS = (1, 257)


def test_only_what_changed_in_a_part_is_told():
    first = OpenShards[int, str]()
    first.put([(number, "before") for number in SIBLINGS])
    before = first.close()
    second = OpenShards(before)
    second.put([(SIBLINGS[0], "after")])
    after = second.close()

    assert sorted(after.differences(before)) == ["after", "before"]
    assert after.get(SIBLINGS[1]) == before.get(SIBLINGS[1]) == "before"


def test_a_part_is_copied_once_however_much_of_it_is_left_out():
    first = OpenShards[int, str]()
    first.put([(number, "before") for number in SIBLINGS])
    before = first.close()
    second = OpenShards(before)
    for number in SIBLINGS:
        second.drop(number)
    after = second.close()

    assert [after.get(number) for number in SIBLINGS] == [None, None]
    assert [before.get(number) for number in SIBLINGS] == ["before", "before"]


def test_what_is_left_out_is_told_once():
    first = OpenShards[int, str]()
    first.put([(number, "before") for number in SIBLINGS])
    before = first.close()
    second = OpenShards(before)
    second.drop(SIBLINGS[0])

    assert [*second.close().differences(before)] == ["before"]
    assert [*before.differences(before)] == []
