"""Impacts that are put together: which of some comes is not known."""

from corsadmin.sightings.impacts import AffectedOrigin, Depends, Impact, LostNames, any_of
from tests.sightings.seen import DAY, NOW

APP, OTHER = "https://app.example.com", "https://other.example.com"


def affected(origin, calls=1, depends=Depends.NOTHING):
    return AffectedOrigin(origin, calls, NOW, depends=depends)


def test_what_all_of_them_have_is_certain():
    found = any_of([Impact((affected(APP),)), Impact((affected(APP, 2),))], Depends.HOST)

    assert found == Impact((affected(APP, 2),))


def test_what_one_of_them_has_depends():
    found = any_of([Impact((affected(APP),)), Impact(opened=(affected(OTHER),))], Depends.HOST)

    assert found == Impact(
        (affected(APP, depends=Depends.HOST),), (affected(OTHER, depends=Depends.HOST),)
    )


def test_what_depends_in_one_of_them_depends_on_the_same():
    found = any_of(
        [Impact((affected(APP),)), Impact((affected(APP, 2, Depends.PATH),))], Depends.HOST
    )

    assert found == Impact((affected(APP, 2, Depends.PATH),))


def test_names_and_cuts_of_any_count():
    names = LostNames("/api/", ("PUT",), (), 3, DAY)

    found = any_of([Impact(names=(names,)), Impact(is_cut=True)], Depends.HOST)

    assert found == Impact(names=(names,), is_cut=True)
