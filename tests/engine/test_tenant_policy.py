"""What a tenant's policy grants, however many origins it lists."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsadmin.engine import TenantPolicy
from corsadmin.engine.packing import join_literals, literal_in, unpack_literals
from corsadmin.engine.path_table import PathTable
from corsadmin.engine.policy import MAX_SEARCHED

APP = "https://app.example.com"


def policy(plain: Iterable[str] = (), credentials: Iterable[str] = ()) -> TenantPolicy:
    text = join_literals("\n".join(plain), "\n".join(credentials))
    return TenantPolicy(("acme", "1", "", text, ""), PathTable({}), None)


@pytest.mark.parametrize("more", [0, 100], ids=["few origins", "many origins"])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(APP, True, id="granted with credentials"),
        pytest.param("https://b.example", False, id="granted without"),
        pytest.param("https://c.example", True, id="granted twice"),
        pytest.param("https://app.example.co", None, id="V02 the beginning of an entry"),
        pytest.param("https://app.example.com.evil.example", None, id="V02 an entry and more"),
        pytest.param("ttps://b.example", None, id="the end of an entry"),
        pytest.param("https://b.example:84", None, id="the beginning of a port"),
        pytest.param("https://d.example", None, id="a stranger"),
    ],
)
def test_a_literal_is_found_whole_or_not_at_all(
    more: int, asked: str, expected: bool | None
) -> None:
    many = [f"https://a{number}.example" for number in range(more)]
    plain = ["https://b.example", *many, "https://b.example:8443", "https://c.example"]
    held = policy(plain, ["https://c.example", APP])
    assert (len(held._text) > MAX_SEARCHED) is (more > 0)

    assert held.literal(asked) is expected
    assert held.literals.get(asked) is expected
    assert held.literal(asked) is expected


def test_a_tenant_without_origins_grants_none() -> None:
    assert policy().literal(APP) is None
    assert policy(credentials=[APP]).literal("https://b.example") is None


lines = st.text("ab:", min_size=1, max_size=4)


@given(st.lists(lines), st.lists(lines), lines)
def test_searching_finds_what_unpacking_finds(
    plain: list[str], credentials: list[str], asked: str
) -> None:
    text = join_literals("\n".join(plain), "\n".join(credentials))

    assert literal_in(text, asked) is unpack_literals(text).get(asked)
