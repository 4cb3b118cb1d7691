"""The table of middleware cases, in parts; ids as in the list of cases beside the tests."""

from tests.conformance.case import Case
from tests.conformance.tables import origins, paths, preflights, responses, tenants

CASES: list[Case] = [
    *origins.CASES,
    *paths.CASES,
    *tenants.CASES,
    *preflights.CASES,
    *responses.CASES,
]
