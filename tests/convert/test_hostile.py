"""Files of other programs that were made to cost far more than they weigh: read, or refused."""

from itertools import count

import pytest

from corsadmin.convert import routes
from corsadmin.convert.conversion import Conversion
from corsadmin.convert.registry import FILE_SOURCES
from corsadmin.transfer.formats.document_source import BrokenTextError
from tests.convert.hostile import HOSTILE, NGINX

# Characters: enough for every bound, and little enough for what costs their square. `make bench`
# measures the most that is read.
SIZE = 10_000


def told(program: str, text: str) -> object:
    """Return what a converter has to say of a text."""
    try:
        found = FILE_SOURCES[program].read_policies(text, ["api.test"])
    except BrokenTextError as error:  # pragma: no cover (not in the first row)
        return error.reason
    return found.origins or found.paths or found.remarks


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "title"), [(program, title) for program in HOSTILE for title in HOSTILE[program]]
)
def test_a_hostile_file_is_read_or_refused_with_a_reason(program, title):
    assert told(program, HOSTILE[program][title](SIZE))


def test_no_more_routes_are_followed_than_a_policy_has_paths():
    followed: list[int] = []

    def follow(number: int) -> routes.Route:
        followed.append(number)
        return routes.Route("a route", None, (f"/{number}",))

    with pytest.raises(BrokenTextError):
        routes.convert_routes(Conversion(), map(follow, count()))

    assert len(followed) == routes.MAX_PATHS + 1


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.parametrize(
    "title", ["a map of regexes", "a map of wildcards", "locations", "conditions that set"]
)
def test_nginx_is_not_followed_where_too_much_would_be_compared(title):
    with pytest.raises(BrokenTextError):
        FILE_SOURCES["nginx"].read_policies(NGINX[title](200_000), ["api.test"])
