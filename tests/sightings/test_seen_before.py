"""What has come by before is known, nearly always."""

from random import Random

from corsadmin.sightings.seen_before import SeenBefore


def test_what_comes_again_is_known() -> None:
    found = SeenBefore()

    assert [found.knows(hash(name)) for name in ("a", "b", "a", "b", "c")] == [
        *(False, False, True, True, False),
    ]


def test_a_negative_number_is_one_like_any_other() -> None:
    found = SeenBefore()

    assert [found.knows(-5), found.knows(-5), found.knows(5)] == [False, True, False]


def test_a_tag_of_zero_is_not_an_empty_place() -> None:
    assert not SeenBefore().knows(0)


def test_a_crowd_makes_it_forget() -> None:
    found = SeenBefore(places=1)
    found.knows(1 << 20)

    assert not found.knows(2 << 20)
    assert not found.knows(1 << 20)


def test_few_of_those_that_never_came_pass_for_known() -> None:
    found, random = SeenBefore(places=1_024), Random(1)

    known = sum(found.knows(random.getrandbits(60)) for _ in range(20_000))

    assert 20 < known < 200  # one in 255


def test_it_takes_256_kilobytes() -> None:
    assert len(SeenBefore()._tags) == 262_144
