"""What a change answers differently, in words, for readers who see more or less of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.formats import date_format

from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.proposed_change.seen_impact import ChangeImpact, TenantImpact
from corsadmin.sightings.impacts import AffectedOrigin, Depends, Impact, LostNames

NOW = datetime.now(UTC)
# Half an hour more is the same in words.
RECENT = NOW - timedelta(days=1, hours=12, minutes=1)
TODAY = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC)
EARLIER = datetime(2020, 5, 6, tzinfo=UTC)
A, B, C, D = (f"https://{name}.example" for name in "abcd")

SOON = "calls a day, last seen 1 day, 12 hours ago"
ON_THE_TENANT = "Whether it does depends on the tenant, because several share the entry."


def origin(name=A, calls=1240, last=RECENT, *, is_day=False, depends=Depends.NOTHING):
    return AffectedOrigin(name, calls, last, is_day, depends)


def of(impact, slug="acme", key=1):
    return TenantImpact(key, slug, impact)


def change(*impacts, **fields):
    return ChangeImpact(impacts, **fields)


def told(found, *, seen=None, named=None, own=1):
    said = impact_sentences(found, seen=seen, named=named, own=own)
    # The day may have ended since the rows below were made.
    is_over = datetime.now(UTC).date() != TODAY.date()
    day = f"on {date_format(TODAY)}" if is_over else "today"
    return [text.replace("\xa0", " ").replace(day, "today") for text in said]


@pytest.mark.parametrize(
    ("impact", "sentence"),
    [
        pytest.param(
            Impact(lost=(origin(),)),
            f"This would shut out 1 origin (1,240 calls a day, last seen 1 day, 12 hours ago): {A}.",
            id="lost",
        ),
        pytest.param(
            Impact(lost=tuple(origin(name, 1) for name in (A, B, C, D))),
            f"This would shut out 4 origins (4 calls a day, last seen 1 day, 12 hours ago): {A}, {B}, {C}, …",
            id="many lost",
        ),
        pytest.param(
            Impact(lost=(origin(last=TODAY, is_day=True),)),
            f"This would shut out 1 origin (1,240 calls a day, last seen today): {A}.",
            id="lost, seen on this day",
        ),
        pytest.param(
            Impact(lost=(origin(calls=1, last=EARLIER, is_day=True),)),
            f"This would shut out 1 origin (1 call a day, last seen on May 6, 2020): {A}.",
            id="lost, seen on another day",
        ),
        pytest.param(
            Impact(lost=(origin(depends=Depends.PATH),)),
            "This may shut out 1 origin (up to 1,240 calls a day, last seen 1 day, 12 hours ago): "
            f"{A}. Whether it does depends on the path.",
            id="lost on some paths",
        ),
        pytest.param(
            Impact(opened=(origin(calls=30), origin(B, 2))),
            "This would let in 2 origins that were refused (32 calls a day, last seen 1 day, 12 hours ago): "
            f"{A}, {B}.",
            id="opened",
        ),
        pytest.param(
            Impact(opened=(origin(depends=Depends.NAMES),)),
            "This may let in 1 origin that was refused (up to 1,240 calls a day, "
            f"last seen 1 day, 12 hours ago): {A}. Whether it does depends on what a preflight asks for.",
            id="opened for some preflights",
        ),
        pytest.param(
            Impact(without_credentials=(origin(),)),
            "This would take credentials from 1 origin (1,240 calls a day, last seen 1 day, 12 hours ago): "
            f"{A}.",
            id="without credentials",
        ),
        pytest.param(
            Impact(names=(LostNames("/api/", ("PUT",), ("x-a",), 7, TODAY),)),
            "On /api/ this would refuse PUT, x-a, which preflights asked for (up to 7 calls a day, "
            "last seen today).",
            id="names",
        ),
        pytest.param(
            Impact(names=(LostNames("/", ("PUT",), (), 7, TODAY, Depends.PATH),)),
            "On / this may refuse PUT, which preflights asked for (up to 7 calls a day, last seen today).",
            id="names on some paths",
        ),
    ],
)
def test_each_effect_has_a_sentence(impact, sentence):
    assert told(change(of(impact))) == [sentence]


def test_other_tenants_are_named():
    (text,) = told(change(of(Impact(lost=(origin(),)))), own=2)

    assert text.startswith("acme: This would shut out 1 origin")


def test_no_origin_is_named_to_those_who_see_no_sightings():
    assert told(change(of(Impact(lost=(origin(),)))), named=frozenset()) == [
        "This would shut out 1 origin (1,240 calls a day, last seen 1 day, 12 hours ago)."
    ]


def test_no_name_and_no_path_rule_is_named_to_them_either():
    names = Impact(names=(LostNames("/api/", ("PUT",), ("x-a",), 7, TODAY),) * 2)

    assert told(change(of(names)), named=frozenset()) == [
        "This refuses methods or headers that preflights asked for."
    ]


def test_of_a_tenant_that_is_not_seen_nothing_is_said():
    hidden = change(of(Impact(lost=(origin(),))), is_cut=True)

    assert told(hidden, seen=frozenset(), own=2) == []


def test_what_all_inherit_is_told_in_totals_and_of_the_tenants_that_are_seen():
    found = change(
        of(Impact(lost=(origin(),))), of(Impact(lost=(origin(B, 10),)), "rival", 2), is_shared=True
    )

    assert told(found, seen=frozenset({1}), own=None) == [
        f"All tenants together: This would shut out 2 origins (1,250 {SOON}).",
        f"acme: This would shut out 1 origin (1,240 {SOON}): {A}.",
    ]


def test_totals_of_names_say_which_kind():
    names = Impact(names=(LostNames("/api/", ("PUT",), (), 7, TODAY),))

    assert told(change(of(names), is_shared=True), seen=frozenset(), own=2) == [
        "All tenants together: This refuses methods or headers that preflights asked for."
    ]


def test_who_sees_all_tenants_needs_no_totals():
    found = change(of(Impact(lost=(origin(),))), is_shared=True)

    assert len(told(found)) == 1


def test_many_tenants_are_told_in_short():
    many = [of(Impact(lost=(origin(),)), f"tenant-{number}", number) for number in range(22)]

    sentences = told(change(*many), own=None)

    assert len(sentences) == 21
    assert sentences[-1] == "Further tenants affected: 2."


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(change(of(Impact(lost=(origin(),), is_cut=True))), id="of a tenant"),
        pytest.param(change(of(Impact(lost=(origin(),))), is_cut=True), id="of tenants"),
    ],
)
def test_a_cut_is_said(found):
    assert told(found)[1:] == [
        "This comparison does not cover everything that was recorded: other callers may be affected too."
    ]


def shared(depends=Depends.NOTHING):
    return origin(depends=depends)._replace(is_shared=True)


SHARED = {
    "an inherited entry": (
        Impact(lost=(shared(Depends.TENANT),)),
        f"This may shut out 1 origin: {A}. {ON_THE_TENANT}",
    ),
    "a sample below an inherited wildcard": (
        Impact(lost=(shared(),)),
        f"This would shut out 1 origin: {A}.",
    ),
    "credentials of an inherited entry": (
        Impact(without_credentials=(shared(),)),
        f"This would take credentials from 1 origin: {A}.",
    ),
    "names that callers of an inherited entry asked for": (
        Impact(names=(LostNames("/", ("PUT",), (), 7, TODAY, Depends.PATH, is_shared=True),)),
        "On / this may refuse PUT, which preflights asked for (last seen today).",
    ),
}


@pytest.mark.parametrize(("impact", "sentence"), SHARED.values(), ids=SHARED)
def test_how_often_others_use_an_inherited_entry_is_told_to_those_who_see_them_all(
    impact, sentence
):
    (all_read,) = told(change(of(impact)))
    assert "calls a day" in all_read

    assert told(change(of(impact)), named=frozenset({1})) == [sentence]


def test_what_is_the_tenants_own_stays_counted_beside_what_is_shared():
    own = origin(B, 10, depends=Depends.TENANT)
    both = Impact(lost=(shared(Depends.TENANT), own))

    counted, uncounted = told(change(of(both)), named=frozenset({1}))

    assert f"up to 10 {SOON}): {B}." in counted
    assert uncounted == f"This may shut out 1 origin: {A}. {ON_THE_TENANT}"
