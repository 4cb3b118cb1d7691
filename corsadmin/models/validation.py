"""The one gate for stored policies: a model row goes through the engine, its problems come back.

Admin, import and API all call `full_clean()`, so all pass here.
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

# The years that every time zone has: a page that shows a moment of another one crashes.
FIRST_MOMENT: Final = datetime(2, 1, 1, tzinfo=UTC)
END_OF_MOMENTS: Final = datetime(9999, 1, 1, tzinfo=UTC)
NO_SUCH_YEAR: Final = _("Choose a year from 2 to 9998, or leave it blank for no limit.")


def is_showable(moment: datetime) -> bool:
    """Report whether every time zone has a year for a moment."""
    if moment.tzinfo is None:
        # Nobody knows where it is meant: the day more or less that this makes is within the years.
        moment = moment.replace(tzinfo=UTC)
    return FIRST_MOMENT <= moment < END_OF_MOMENTS


def check_tenant(row: "Tenant") -> None:
    """Raise ValidationError when a tenant's slug is not one."""
    refuse(found for found in (check_slug(text_or_blank(row.slug)),) if found)


def check_tenant_host(row: "TenantHost") -> None:
    """Raise ValidationError when a tenant's host is not one."""
    refuse(found for found in (check_host(text_or_blank(row.host)),) if found)


def check_path_rule(row: "PathRule") -> None:
    """Raise ValidationError with every problem of a path rule."""
    refuse(rule_problems(row))


def rule_problems(row: "PathRule | RuleRow") -> Sequence[Problem]:
    """Return every problem of a path rule, none when it is sound."""
    return _check_lists(row) or check_rule(rule_text(row))


def check_origin_entry(row: "Origin") -> None:
    """Raise ValidationError with every problem of an origin entry.

    Of a year that no page can show, with that alone.
    """
    _check_years(row)
    refuse(check_origin(origin_text(row)))
    # Before it has an owner, there is nothing to count.
    if row.serializable_value("tenant_id") is not None and not may_have(row):
        refuse([too_many_lengths(row.pattern)])


def may_have(row: "Origin") -> bool:
    """Report whether a tenant may have an entry: see MAX_LABEL_LENGTHS of the engine."""
    if label_lengths(row.pattern) is None:
        return True
    stored = type(row).objects.filter(tenant=row.tenant_id)
    # What is there already may be edited, however many there are.
    if stored.filter(pk=row.pk, pattern=row.pattern).exists():
        return True
    return LabelLengths(wildcards_in(stored.exclude(pk=row.pk))).take(row.pattern)


def wildcards_in(rows: "QuerySet[Origin]") -> Iterable[str]:
    """Return the wildcard patterns among origin entries, to be asked for when they are needed."""
    return rows.filter(pattern__contains="*").order_by().values_list("pattern", flat=True)


def too_many_lengths(pattern: str) -> Problem:
    """Return the problem of a label wildcard that a tenant may not have as well."""
    return Problem("pattern", "label-wildcards-too-many", pattern)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise ValidationError for problems, each at its field; do nothing when there are none.

    Each error carries the problem's code, and the problem itself in `params`.
    """
    by_field: dict[str, list[ValidationError]] = defaultdict(list)
    for problem in problems:
        # Django fills `params` into the text, so a percent sign of the person's must be doubled.
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
