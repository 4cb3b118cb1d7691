"""What calls leave in the ring: one text, from which nobody can forge another field."""

import pytest

from corsadmin.engine import Decision, Reason
from corsadmin.sightings.ring import (
    MAX_ITEMS,
    Group,
    Item,
    Ring,
    in_groups,
    leaves_no_origin,
    read_allowed,
    read_claims,
    read_refused,
)
from tests.sightings.calls import (
    APP,
    EVIL,
    HOST,
    PREFLIGHT,
    FakeRequest,
    allowed,
    get,
    left,
    options,
    refused,
)

NOT_LISTED = Reason.ORIGIN_NOT_LISTED
LONG = "x" * 8_000


def read(items: list[Item]) -> Group:
    """Return the group of the one text that was left."""
    [group] = in_groups([*map(str, items)])
    return group


def test_a_refused_call_leaves_tenant_rule_reason_and_origin() -> None:
    tenant, reason, is_preflight, [text], nameless = read(left(refused(), get()))
    *fields, said = read_refused(text)

    assert (tenant, reason, is_preflight, nameless) == ("acme", "origin-not-listed", False, 0)
    assert fields == ["origin-not-listed", False, "/api/"]
    assert read_claims(said, is_preflight=False) == (EVIL, "", "")


@pytest.mark.parametrize(("names", "kept"), [("x-a,x-b", "x-a,x-b"), ("", ""), (None, "")])
def test_a_refused_preflight_leaves_what_it_asked_for_too(names: str | None, kept: str) -> None:
    group = read(left(refused(), options(names=names)))
    *fields, said = read_refused(group.texts[0])

    assert group.is_preflight
    assert fields == ["origin-not-listed", True, "/api/"]
    assert read_claims(said, is_preflight=True) == (EVIL, "PUT", kept)


@pytest.mark.parametrize("inherited", [False, True])
def test_an_allowed_preflight_leaves_entry_and_names_and_no_origin(inherited: bool) -> None:
    group = read(left(allowed(inherited=inherited, status=204), options(APP)))
    *fields, said = read_allowed(group.texts[0])

    assert group[:3] == ("acme", "allowed", True)
    assert fields == ["/api/", inherited, APP]
    assert read_claims(said, is_preflight=True) == ("", "PUT", "x-a")


@pytest.mark.parametrize("inherited", [False, True])
def test_an_allowed_call_may_leave_its_origin(inherited: bool) -> None:
    group = read(left(allowed("*", inherited=inherited), get()))
    *fields, said = read_allowed(group.texts[0])

    assert group[:3] == ("acme", "allowed", False)
    assert fields == ["/api/", inherited, "*"]
    assert read_claims(said, is_preflight=False) == (EVIL, "", "")


def test_texts_are_grouped_by_the_part_that_no_caller_chooses() -> None:
    calls = [(refused(), get()), (refused(tenant="other"), get()), (refused(), get(APP))]
    calls += [(refused(), get(LONG)), (refused(), options()), (refused(tenant="other"), get(APP))]

    groups = in_groups([str(item) for call in calls for item in left(*call)])

    assert [
        (one.tenant, one.is_preflight, [read_refused(text)[-1] for text in one.texts], one.nameless)
        for one in groups
    ] == [
        ("acme", False, [EVIL, APP], 1),
        ("other", False, [EVIL, APP], 0),
        ("acme", True, [f"{EVIL}\nPUT\nx-a"], 0),
    ]
    assert [one.calls for one in groups] == [3, 2, 1]


@pytest.mark.parametrize("slug", ["\t\n", "x\t\ny", "\n", "x\ny\nz", "\t", "acme\ny"])
@pytest.mark.parametrize("origin", [EVIL, LONG], ids=["a short origin", "a long one"])
def test_a_slug_that_only_raw_sql_can_write_costs_only_its_own_calls(
    slug: str, origin: str
) -> None:
    items = [*left(refused(), get()), *left(refused(tenant=slug), get(origin))]
    items += [*left(refused(tenant=slug), get()), *left(refused(), get())]

    groups = in_groups([*map(str, items)])

    assert [(len(one.texts), one.nameless) for one in groups if one.tenant == "acme"] == [(2, 0)]


@pytest.mark.parametrize(
    ("request_", "is_preflight"), [(get(), False), (options(), True)], ids=["call", "preflight"]
)
def test_a_host_without_a_tenant_leaves_its_name(request_: FakeRequest, is_preflight: bool) -> None:
    group = read(left(refused(Reason.NO_TENANT, "", ""), request_))

    assert group[:3] == ("", "no-tenant", is_preflight)
    assert read_refused(group.texts[0]) == ("no-tenant", is_preflight, "", HOST)


@pytest.mark.parametrize(
    ("decision", "request_"),
    [
        pytest.param(refused(Reason.NO_RULE), FakeRequest(), id="without an Origin"),
        pytest.param(refused(Reason.NO_RULE), get(""), id="with a blank Origin"),
        pytest.param(refused(Reason.SAME_ORIGIN), get(), id="from the site's own page"),
    ],
)
def test_nothing_is_left_by_a_call(decision: Decision, request_: FakeRequest) -> None:
    assert left(decision, request_) == []


def test_options_without_a_method_is_a_call() -> None:
    group = read(left(refused(), FakeRequest({"HTTP_ORIGIN": EVIL}, "OPTIONS")))

    assert not group.is_preflight


def test_another_method_is_a_call_whatever_it_asks_for() -> None:
    group = read(left(refused(), FakeRequest({"HTTP_ORIGIN": EVIL, PREFLIGHT: "PUT"})))

    assert not group.is_preflight


@pytest.mark.parametrize(
    ("decision", "request_", "expected"),
    [
        pytest.param(refused(), get(f"https://{LONG}"), "acme\norigin-not-listed\ncall\t\n", id="origin"),
        pytest.param(
            refused(), options(method=LONG), "acme\norigin-not-listed\npreflight\t\n", id="method"
        ),
        pytest.param(
            refused(), options(names=LONG), "acme\norigin-not-listed\npreflight\t\n", id="names"
        ),
        pytest.param(
            allowed(status=204), options(APP, names=LONG),
            f"acme\nallowed\npreflight\t\n/api/\n\n{APP}\n\n\n", id="names of an allowed one",
        ),
        pytest.param(
            allowed("*"), get(LONG), "acme\nallowed\ncall\t\n/api/\n\n*\n", id="origin of an allowed one"
        ),
        pytest.param(
            allowed("*")._replace(rule=LONG), get(), "acme\nallowed\ncall\t\n", id="a rule"
        ),
    ],
)  # fmt: skip
def test_over_600_characters_nothing_is_left_that_a_caller_chooses(
    decision: Decision, request_: FakeRequest, expected: str
) -> None:
    assert left(decision, request_) == [expected]


@pytest.mark.parametrize("length", [600, 601])
def test_the_longest_text_has_600_characters(length: int) -> None:
    room = length - len("acme\norigin-not-listed\ncall\t\n/api/\n")

    [item] = left(refused(), get("x" * room))

    assert len(str(item)) == (600 if length == 600 else len("acme\norigin-not-listed\ncall\t\n"))


@pytest.mark.parametrize("forged", ["\n", f"{EVIL}\n{APP}", f"{EVIL}\nPUT\nx-a", "\n\n\n\n\n"])
def test_a_separator_in_an_origin_forges_no_other_field(forged: str) -> None:
    group = read(left(refused(), get(forged)))
    *fields, said = read_refused(group.texts[0])

    assert group[:3] == ("acme", "origin-not-listed", False)
    assert fields == ["origin-not-listed", False, "/api/"]
    assert read_claims(said, is_preflight=False) == ("", "", "")


@pytest.mark.parametrize("field", ["origin", "method", "names"])
@pytest.mark.parametrize("decision", [refused(), allowed(status=204)], ids=["refused", "allowed"])
def test_a_separator_in_a_preflight_forges_no_other_field(decision: Decision, field: str) -> None:
    group = read(left(decision, options(**{field: "a\nb"})))
    if decision.allowed:
        rule, inherited, entry, said = read_allowed(group.texts[0])
        assert (inherited, entry) == (False, APP)
    else:
        _reason, _is_preflight, rule, said = read_refused(group.texts[0])

    assert group[:3] == ("acme", decision.reason, True)
    assert rule == "/api/"
    if not (decision.allowed and field == "origin"):  # which is not written there
        assert read_claims(said, is_preflight=True) == ("", "", "")


def test_a_full_ring_forgets_the_oldest() -> None:
    ring = Ring()
    for number in range(MAX_ITEMS + 3):
        ring.append(str(number))

    items = ring.drain()

    assert (len(items), items[0], items[-1]) == (4_096, "3", "4098")
    assert ring.drain() == []


def test_a_ring_can_be_cleared() -> None:
    ring = Ring()
    ring.append("a")

    ring.clear()

    assert ring.drain() == []


def test_one_call_in_64_leaves_its_origin_where_any_origin_may_call() -> None:
    answers = [leaves_no_origin() for _ in range(640)]

    assert answers.count(False) == 10
