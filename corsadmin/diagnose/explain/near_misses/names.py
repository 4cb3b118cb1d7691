"""Methods and request headers that a rule almost allows."""

from collections.abc import Callable, Iterator
from typing import Final

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.near_misses.sentences import NearMiss, near_miss
from corsadmin.engine import PLATFORM
from corsadmin.engine.paths import covers
from corsadmin.messages import shown
from corsadmin.models.policy_rows import RuleRow, rule_text

MIN_SPELLED: Final = 6  # in shorter names, one different letter makes another name


def near_methods(case: Case) -> Iterator[NearMiss]:
    """Yield the methods and rules that almost allow the method of a case."""
    method = case.asked.method
    for listed in _listed(case, "methods"):
        if listed.lower() == method.lower():
            yield near_miss("method-case", _owner(case), listed, name=shown(method))
    yield from _wider_rules(case, "methods", method)


def near_headers(case: Case) -> Iterator[NearMiss]:
    """Yield the names and rules that almost allow the refused request headers of a case."""
    for name in case.missing_headers:
        for listed in _listed(case, "request_headers"):
            kind = _difference(name, listed)
            if kind:
                yield near_miss(kind, _owner(case), listed, name=shown(name))
        yield from _wider_rules(case, "request_headers", name)


def _wider_rules(case: Case, field: str, name: str) -> Iterator[NearMiss]:
    """Yield the rules that cover the path too and list a name, but do not decide."""
    for tenant, row in case.held_rules():
        decides = row.path == case.decision.rule
        if (
            row.enabled
            and not decides
            and name in _names(row, field)
            and covers(row.path, case.path)
        ):
            facts = {"name": shown(name), "rule": case.decision.rule}
            yield near_miss("wider-rule", tenant.slug, row.path, **facts)


def _listed(case: Case, field: str) -> list[str]:
    """Return the names that the deciding rule lists."""
    return sorted(getattr(case.rule, field))


def _names(row: RuleRow, field: str) -> tuple[str, ...]:
    return tuple(getattr(rule_text(row), field))


def _owner(case: Case) -> str:
    return PLATFORM if case.decision.inherited else case.decision.tenant


def _difference(name: str, listed: str) -> str:
    """Return how a refused header differs from one that the rule lists, or blank."""
    if listed == "*":
        return "header-star"  # a name is missing beside a star only if the star excludes it
    return next((kind for kind, holds in _DIFFERENCES.items() if holds(name, listed)), "")


def _fits_wildcard(name: str, listed: str) -> bool:
    return listed.endswith("*") and name.startswith(listed.removesuffix("*"))


def _same_letters(name: str, listed: str) -> bool:
    return _letters(name) == _letters(listed)


def _has_prefix(name: str, listed: str) -> bool:
    return name.endswith(f"-{listed}") or listed.endswith(f"-{name}")


def _is_plural(name: str, listed: str) -> bool:
    return name in _plurals(listed) or listed in _plurals(name)


def _is_misspelled(name: str, listed: str) -> bool:
    """Report whether two names differ by one added, missing or changed letter, or by one swap."""
    one, other = sorted((name, listed), key=len)
    if len(one) < MIN_SPELLED or len(other) - len(one) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest, others = one[start:], other[start:]
    if len(one) < len(other):
        return rest == others[1:]
    swapped = rest[:2] == others[:2][::-1] and rest[2:] == others[2:]
    return swapped or rest[1:] == others[1:]


def _letters(name: str) -> str:
    return name.replace("-", "").replace("_", "")


def _plurals(name: str) -> tuple[str, ...]:
    return f"{name}s", f"{name}es", f"{name.removesuffix('y')}ies"


_DIFFERENCES: Final[dict[str, Callable[[str, str], bool]]] = {
    "header-wildcard": _fits_wildcard,
    "header-hyphens": _same_letters,
    "header-prefix": _has_prefix,
    "header-plural": _is_plural,
    "header-spelling": _is_misspelled,
}
