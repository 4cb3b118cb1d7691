"""The map of the package stays small: few rooms, and few arrows between them."""

from collections.abc import Iterable

import grimp
import pytest

# Modules and packages at the top of corsadmin.
MAX_ROOMS = 25
# Pairs of rooms of which one imports the other: 60 in the house as it was laid out, and twenty for the
# presets, the sightings and who reads them. A commit that raises it says what the new arrow is for.
MAX_ARROWS = 80
GENERATED = "corsadmin.migrations"  # Django writes those, and nothing imports them

Imports = Iterable[tuple[str, str]]


def room(module: str) -> str:
    """Return the module or package at the top that a module is, or is in."""
    return ".".join(module.split(".")[:2])


def arrows(imports: Imports) -> set[tuple[str, str]]:
    """Return each pair of rooms of which the first imports something of the second."""
    pairs = {(room(importer), room(imported)) for importer, imported in imports}
    return {(importer, imported) for importer, imported in pairs if importer != imported}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """What imports what when the app runs: imports for types alone are left out."""
    return grimp.build_graph("corsadmin", exclude_type_checking_imports=True, cache_dir=None)


def test_the_top_has_few_rooms(graph: grimp.ImportGraph) -> None:
    found = graph.find_children("corsadmin")

    assert {"corsadmin.engine", "corsadmin.middleware"} <= found
    assert len(found) <= MAX_ROOMS, sorted(found)


def test_few_arrows_lead_from_room_to_room(graph: grimp.ImportGraph) -> None:
    found = arrows(
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if room(importer) != GENERATED
    )

    assert ("corsadmin.middleware", "corsadmin.serving") in found
    assert len(found) <= MAX_ARROWS, sorted(found)


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        pytest.param([("a.x.one", "a.y.two")], {("a.x", "a.y")}, id="from room to room"),
        pytest.param([("a.x.one", "a.x.two.three")], set(), id="within a room"),
        pytest.param([("a.x.one", "a.y.two"), ("a.x", "a.y")], {("a.x", "a.y")}, id="twice"),
        pytest.param(
            [("a.x", "a.y"), ("a.y", "a.x")], {("a.x", "a.y"), ("a.y", "a.x")}, id="both ways"
        ),
        pytest.param([("a", "a.x.one")], {("a", "a.x")}, id="from the package itself"),
    ],
)
def test_an_arrow_leads_to_another_room(imports: Imports, expected: set[tuple[str, str]]) -> None:
    assert arrows(imports) == expected
