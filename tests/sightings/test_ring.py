"""What calls leave in the ring: one text, from which nobody can forge another field."""

import pytest

from corsadmin.engine import Decision, Reason
from corsadmin.sightings.ring import (
    MAX_ITEMS,
    Head,
    Item,
    Ring,
    by_head,
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


def read(items: list[Item]) -> tuple[Head, str]:
    """Return the head and the rest of the one text that was left."""
    [(head, [rest])] = by_head([*map(str, items)]).items()
    return head, rest


def test_a_refused_call_leaves_tenant_rule_reason_and_origin() -> None:
    head, rest = read(left(refused(), get()))
    rule, said = read_refused(rest)

    assert head == Head("acme", "origin-not-listed", is_preflight=False)
    assert (rule, read_claims(said, is_preflight=False)) == ("/api/", (EVIL, "", ""))


@pytest.mark.parametrize(("names", "kept"), [("x-a,x-b", "x-a,x-b"), ("", ""), (None, "")])
def test_a_refused_preflight_leaves_what_it_asked_for_too(names: str | None, kept: str) -> None:
    head, rest = read(left(refused(), options(names=names)))
    rule, said = read_refused(rest)

    assert head.is_preflight
    assert (rule, read_claims(said, is_preflight=True)) == ("/api/", (EVIL, "PUT", kept))


@pytest.mark.parametrize("inherited", [False, True])
def test_an_allowed_preflight_leaves_entry_and_names_and_no_origin(inherited: bool) -> None:
    head, rest = read(left(allowed(inherited=inherited, status=204), options(APP)))
    rule, is_inherited, entry, said = read_allowed(rest)

    assert head == Head("acme", "allowed", is_preflight=True)
    assert (rule, is_inherited, entry) == ("/api/", inherited, APP)
    assert read_claims(said, is_preflight=True) == ("", "PUT", "x-a")


@pytest.mark.parametrize("inherited", [False, True])
def test_an_allowed_call_may_leave_its_origin(inherited: bool) -> None:
    head, rest = read(left(allowed("*", inherited=inherited), get()))
    rule, is_inherited, entry, said = read_allowed(rest)

    assert head == Head("acme", "allowed", is_preflight=False)
    assert (rule, is_inherited, entry) == ("/api/", inherited, "*")
    assert read_claims(said, is_preflight=False) == (EVIL, "", "")


@pytest.mark.parametrize(
    ("request_", "is_preflight"), [(get(), False), (options(), True)], ids=["call", "preflight"]
)
def test_a_host_without_a_tenant_leaves_its_name(request_: FakeRequest, is_preflight: bool) -> None:
    assert read(left(refused(Reason.NO_TENANT, "", ""), request_)) == (
        Head("", "no-tenant", is_preflight),
        f"\n{HOST}",
    )


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
    head, _rest = read(left(refused(), FakeRequest({"HTTP_ORIGIN": EVIL}, "OPTIONS")))

    assert not head.is_preflight


def test_another_method_is_a_call_whatever_it_asks_for() -> None:
    head, _rest = read(left(refused(), FakeRequest({"HTTP_ORIGIN": EVIL, PREFLIGHT: "PUT"})))

    assert not head.is_preflight


@pytest.mark.parametrize(
    ("decision", "request_", "expected"),
    [
        pytest.param(refused(), get(f"https://{LONG}"), "acme\norigin-not-listed\ncall\n", id="origin"),
        pytest.param(
            refused(), options(method=LONG), "acme\norigin-not-listed\npreflight\n", id="method"
        ),
        pytest.param(
            refused(), options(names=LONG), "acme\norigin-not-listed\npreflight\n", id="names"
        ),
        pytest.param(
            allowed(status=204), options(APP, names=LONG),
            f"acme\nallowed\npreflight\n/api/\n\n{APP}\n\n\n", id="names of an allowed one",
        ),
        pytest.param(
            allowed("*"), get(LONG), "acme\nallowed\ncall\n/api/\n\n*\n", id="origin of an allowed one"
        ),
        pytest.param(
            allowed("*")._replace(rule=LONG), get(), "acme\nallowed\ncall\n", id="a rule"
        ),
    ],
)  # fmt: skip
def test_over_600_characters_nothing_is_left_that_a_caller_chooses(
    decision: Decision, request_: FakeRequest, expected: str
) -> None:
    assert left(decision, request_) == [expected]


@pytest.mark.parametrize("length", [600, 601])
def test_the_longest_text_has_600_characters(length: int) -> None:
    room = length - len("acme\norigin-not-listed\ncall\n/api/\n")

    [item] = left(refused(), get("x" * room))

    assert len(str(item)) == (600 if length == 600 else len("acme\norigin-not-listed\ncall\n"))


@pytest.mark.parametrize("forged", ["\n", f"{EVIL}\n{APP}", f"{EVIL}\nPUT\nx-a", "\n\n\n\n\n"])
def test_a_separator_in_an_origin_forges_no_other_field(forged: str) -> None:
    head, rest = read(left(refused(), get(forged)))
    rule, said = read_refused(rest)

    assert (head, rule) == (Head("acme", "origin-not-listed", is_preflight=False), "/api/")
    assert read_claims(said, is_preflight=False) == ("", "", "")


@pytest.mark.parametrize("field", ["origin", "method", "names"])
@pytest.mark.parametrize("decision", [refused(), allowed(status=204)], ids=["refused", "allowed"])
def test_a_separator_in_a_preflight_forges_no_other_field(decision: Decision, field: str) -> None:
    head, rest = read(left(decision, options(**{field: "a\nb"})))
    if decision.allowed:
        rule, inherited, entry, said = read_allowed(rest)
        assert (inherited, entry) == (False, APP)
    else:
        rule, said = read_refused(rest)

    assert (head.tenant, head.reason, head.is_preflight) == ("acme", decision.reason, True)
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
