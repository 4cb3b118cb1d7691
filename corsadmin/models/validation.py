"""The one gate for stored policies: the engine checks a model row and returns its problems.

The admin, the import and a project's own code call `full_clean()`, so all pass here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from corsadmin.engine.entries import check_origin
from corsadmin.engine.hosts import check_host, check_slug
from corsadmin.engine.problems import Problem
from corsadmin.engine.rules import check_rule
from corsadmin.engine.wildcards import LabelLengths, label_lengths
from corsadmin.messages import describe
from corsadmin.models.policy_rows import is_list_of_text, origin_text, rule_text, text_or_blank

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from corsadmin.models import Origin, PathRule, Tenant, TenantHost
    from corsadmin.models.policy_rows import RuleRow

# The years that every time zone has: a page crashes when it shows a moment in another year.
FIRST_MOMENT: Final = datetime(2, 1, 1, tzinfo=UTC)
END_OF_MOMENTS: Final = datetime(9999, 1, 1, tzinfo=UTC)
NO_SUCH_YEAR: Final = _("Choose a year from 2 to 9998, or leave it blank for no limit.")


def is_showable(moment: datetime) -> bool:
    """Report whether the moment is in a valid year in every time zone."""
    if moment.tzinfo is None:
        # Its time zone is unknown; the bounds leave room for the day that this may be off.
        moment = moment.replace(tzinfo=UTC)
    return FIRST_MOMENT <= moment < END_OF_MOMENTS


def check_tenant(row: "Tenant") -> None:
    """Raise ValidationError if a tenant's slug is not valid."""
    refuse(found for found in (check_slug(text_or_blank(row.slug)),) if found)


def check_tenant_host(row: "TenantHost") -> None:
    """Raise ValidationError if a tenant's host is not valid."""
    refuse(found for found in (check_host(text_or_blank(row.host)),) if found)


def check_path_rule(row: "PathRule") -> None:
    """Raise ValidationError with every problem of a path rule."""
    refuse(rule_problems(row))


def rule_problems(row: "PathRule | RuleRow") -> Sequence[Problem]:
    """Return every problem of a path rule; empty if it is sound."""
    return _check_lists(row) or check_rule(rule_text(row))


def check_origin_entry(row: "Origin") -> None:
    """Raise ValidationError with every problem of an origin entry.

    If no page can show its years, that is the only problem it raises.
    """
    _check_years(row)
    refuse(check_origin(origin_text(row)))
    # Without a tenant there is nothing to count.
    if row.serializable_value("tenant_id") is not None and not may_have(row):
        refuse([too_many_lengths(row.pattern)])


def may_have(row: "Origin") -> bool:
    """Report whether MAX_LABEL_LENGTHS of the engine leaves room for an entry in its tenant."""
    if label_lengths(row.pattern) is None:
        return True
    stored = type(row).objects.filter(tenant=row.tenant_id)
    # A stored pattern may be edited, however many there are.
    if stored.filter(pk=row.pk, pattern=row.pattern).exists():
        return True
    return LabelLengths(wildcards_in(stored.exclude(pk=row.pk))).take(row.pattern)


def wildcards_in(rows: "QuerySet[Origin]") -> "QuerySet[Origin, str]":
    """Return the wildcard patterns among origin entries, lazily."""
    return rows.filter(pattern__contains="*").order_by().values_list("pattern", flat=True)


def too_many_lengths(pattern: str) -> Problem:
    """Return the problem of one label wildcard too many for its tenant."""
    return Problem("pattern", "label-wildcards-too-many", pattern)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise ValidationError for problems, each at its field; do nothing if there are none.

    Each error carries the problem's code, and the problem itself in `params`.
    """
    by_field: dict[str, list[ValidationError]] = defaultdict(list)
    for problem in problems:
        # Django formats the text with `params`, so a percent sign in it must be doubled.
        text = describe(problem).replace("%", "%%")
        error = ValidationError(text, code=problem.code, params={"problem": problem})
        by_field[problem.field].append(error)
    if by_field:
        raise ValidationError(dict(by_field))


def _check_years(row: "Origin") -> None:
    wrong = [
        field
        for field in ("valid_from", "valid_until")
        if isinstance(moment := getattr(row, field), datetime) and not is_showable(moment)
    ]
    if wrong:
        error = ValidationError(NO_SUCH_YEAR, code="moment-out-of-range")
        raise ValidationError({field: [error] for field in wrong})


def _check_lists(row: "PathRule | RuleRow") -> list[Problem]:
    return [
        Problem(field, "value-not-a-list", str(getattr(row, field)))
        for field in ("methods", "request_headers", "exposed_headers")
        if not is_list_of_text(getattr(row, field))
    ]
