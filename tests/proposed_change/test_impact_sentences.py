"""What a change answers differently, in words, for readers who see more or less of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.formats import date_format

from corsadmin.proposed_change.impact_sentences import impact_sentences
from corsadmin.proposed_change.seen_impact import ChangeImpact, TenantImpact
from corsadmin.sightings.impacts import AffectedOrigin, Depends, Impact, LostNames
from tests.messages.screens import assert_says, filled, text

NOW = datetime.now(UTC)
# Half an hour more is the same in words.
RECENT = NOW - timedelta(days=1, hours=12, minutes=1)
TODAY = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC)
EARLIER = datetime(2020, 5, 6, tzinfo=UTC)
A, B, C, D = (f"https://{name}.example" for name in "abcd")

SEEN = filled("impact-last-seen", time="1 day, 12 hours")
SEEN_TODAY = text("impact-last-seen-today")
ON_THE_TENANT = text("impact-depends-on-tenant")


def sentence_of(code, number=1, calls=1240, last=SEEN):
    """Return the words of a sentence, up to the origins that it names."""
    told_calls = filled("impact-calls", number=f"{calls:,}")
    return filled(code, number=number, calls=told_calls, last=last)


def sentence_of_names(code, **values):
    calls = filled("impact-calls", number=7)
    return filled(code, **values, calls=calls, last=SEEN_TODAY)


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
    return [line.replace("\xa0", " ").replace(day, "today") for line in said]


@pytest.mark.parametrize(
    ("impact", "sentence"),
    [
        pytest.param(
            Impact(lost=(origin(),)),
            sentence_of("impact-lost") + f": {A}.",
            id="lost",
        ),
        pytest.param(
            Impact(lost=tuple(origin(name, 1) for name in (A, B, C, D))),
            sentence_of("impact-lost", 4, 4) + f": {A}, {B}, {C}, …",
            id="many lost",
        ),
        pytest.param(
            Impact(lost=(origin(last=TODAY, is_day=True),)),
            sentence_of("impact-lost", last=SEEN_TODAY) + f": {A}.",
            id="lost, seen on this day",
        ),
        pytest.param(
            Impact(lost=(origin(calls=1, last=EARLIER, is_day=True),)),
            sentence_of(
                "impact-lost", calls=1, last=filled("impact-last-seen-on", day="May 6, 2020")
            )
            + f": {A}.",
            id="lost, seen on another day",
        ),
        pytest.param(
            Impact(lost=(origin(depends=Depends.PATH),)),
            sentence_of("impact-may-lose") + f": {A}. " + text("impact-depends-on-path"),
            id="lost on some paths",
        ),
        pytest.param(
            Impact(opened=(origin(calls=30), origin(B, 2))),
            sentence_of("impact-opened", 2, 32) + f": {A}, {B}.",
            id="opened",
        ),
        pytest.param(
            Impact(opened=(origin(depends=Depends.NAMES),)),
            sentence_of("impact-may-open") + f": {A}. " + text("impact-depends-on-preflight"),
            id="opened for some preflights",
        ),
        pytest.param(
            Impact(without_credentials=(origin(),)),
            sentence_of("impact-without-credentials") + f": {A}.",
            id="without credentials",
        ),
        pytest.param(
            Impact(names=(LostNames("/api/", ("PUT",), ("x-a",), 7, TODAY),)),
            sentence_of_names("impact-names", rule="/api/", names="PUT, x-a"),
            id="names",
        ),
        pytest.param(
            Impact(names=(LostNames("/", ("PUT",), (), 7, TODAY, Depends.PATH),)),
            sentence_of_names("impact-may-lose-names", rule="/", names="PUT"),
            id="names on some paths",
        ),
    ],
)
def test_each_effect_has_a_sentence(impact, sentence):
    assert told(change(of(impact))) == [sentence]


def test_other_tenants_are_named():
    (said,) = told(change(of(Impact(lost=(origin(),)))), own=2)

    assert said.startswith("acme: " + sentence_of("impact-lost"))


def test_no_origin_is_named_to_those_who_see_no_sightings():
    assert told(change(of(Impact(lost=(origin(),)))), named=frozenset()) == [
        sentence_of("impact-lost") + "."
    ]


def test_no_name_and_no_path_rule_is_named_to_them_either():
    names = Impact(names=(LostNames("/api/", ("PUT",), ("x-a",), 7, TODAY),) * 2)

    assert told(change(of(names)), named=frozenset()) == [text("impact-names-not-told")]


def test_of_a_tenant_that_is_not_seen_nothing_is_said():
    hidden = change(of(Impact(lost=(origin(),))), is_cut=True)

    assert told(hidden, seen=frozenset(), own=2) == []


def test_what_all_inherit_is_told_in_totals_and_of_the_tenants_that_are_seen():
    found = change(
        of(Impact(lost=(origin(),))), of(Impact(lost=(origin(B, 10),)), "rival", 2), is_shared=True
    )

    assert told(found, seen=frozenset({1}), own=None) == [
        filled("impact-totals", text=sentence_of("impact-lost", 2, 1250) + "."),
        "acme: " + sentence_of("impact-lost") + f": {A}.",
    ]


def test_totals_of_names_say_which_kind():
    names = Impact(names=(LostNames("/api/", ("PUT",), (), 7, TODAY),))

    assert told(change(of(names), is_shared=True), seen=frozenset(), own=2) == [
        filled("impact-totals", text=text("impact-names-not-told"))
    ]


def test_who_sees_all_tenants_needs_no_totals():
    found = change(of(Impact(lost=(origin(),))), is_shared=True)

    assert len(told(found)) == 1


def test_many_tenants_are_told_in_short():
    many = [of(Impact(lost=(origin(),)), f"tenant-{number}", number) for number in range(22)]

    sentences = told(change(*many), own=None)

    assert len(sentences) == 21
    assert sentences[-1] == filled("impact-further-tenants", count=2)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(change(of(Impact(lost=(origin(),), is_cut=True))), id="of a tenant"),
        pytest.param(change(of(Impact(lost=(origin(),))), is_cut=True), id="of tenants"),
    ],
)
def test_a_cut_is_said(found):
    assert told(found)[1:] == [text("impact-cut")]


def shared(depends=Depends.NOTHING):
    return origin(depends=depends)._replace(is_shared=True)


SHARED = {
    "an inherited entry": (
        Impact(lost=(shared(Depends.TENANT),)),
        sentence_of("impact-may-lose-uncounted") + f": {A}. {ON_THE_TENANT}",
    ),
    "a sample below an inherited wildcard": (
        Impact(lost=(shared(),)),
        sentence_of("impact-lost-uncounted") + f": {A}.",
    ),
    "credentials of an inherited entry": (
        Impact(without_credentials=(shared(),)),
        sentence_of("impact-without-credentials-uncounted") + f": {A}.",
    ),
    "names that callers of an inherited entry asked for": (
        Impact(names=(LostNames("/", ("PUT",), (), 7, TODAY, Depends.PATH, is_shared=True),)),
        sentence_of_names("impact-may-lose-names-uncounted", rule="/", names="PUT"),
    ),
}


@pytest.mark.parametrize(("impact", "sentence"), SHARED.values(), ids=SHARED)
def test_how_often_others_use_an_inherited_entry_is_told_to_those_who_see_them_all(
    impact, sentence
):
    (all_read,) = told(change(of(impact)))
    assert_says(all_read, "impact-calls")

    assert told(change(of(impact)), named=frozenset({1})) == [sentence]


def test_what_is_the_tenants_own_stays_counted_beside_what_is_shared():
    own = origin(B, 10, depends=Depends.TENANT)
    both = Impact(lost=(shared(Depends.TENANT), own))

    counted, uncounted = told(change(of(both)), named=frozenset({1}))

    assert counted == sentence_of("impact-may-lose", calls=10) + f": {B}. {ON_THE_TENANT}"
    assert uncounted == sentence_of("impact-may-lose-uncounted") + f": {A}. {ON_THE_TENANT}"
