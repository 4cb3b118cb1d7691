"""Make, renew and revoke the origin entries of pipelines, one at a time.

A pipeline may change only the entries that it made itself (`made_by`): not those of a person or of
another pipeline, nor an entry that somebody has disabled.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from corsadmin.engine.origins import OriginPattern, parse_origin, parse_pattern
from corsadmin.engine.problems import PolicyError, Problem
from corsadmin.messages import describe, shown
from corsadmin.models import Origin, Tenant, generation
from corsadmin.models.access import Access
from corsadmin.models.counter import current_generation
from corsadmin.models.database import alias_for_writing

Judge = Callable[[Origin | None, Origin | None], None]

MAX_LIVE: Final = 50  # entries of pipelines that are in force at once in one tenant

ADDED: Final = "added"
RENEWED: Final = "renewed"
UNCHANGED: Final = "unchanged"
REVOKED: Final = "revoked"
ABSENT: Final = "absent"
DISABLED: Final = "disabled"
WRITTEN: Final = frozenset({ADDED, RENEWED, REVOKED})  # the results that change something


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a pipeline is refused. `suggestion` and `field` may be blank."""

    code: str
    message: str
    suggestion: str = ""
    field: str = ""


class RefusedError(Exception):
    """Raised if a pipeline may not do what it asked for. Nothing was written; carries every reason."""

    def __init__(self, *refusals: Refusal) -> None:
        self.refusals = refusals
        super().__init__("\n".join(refusal.message for refusal in refusals))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The pipeline that acts, and why. `access` is what its user may do, None for everything.

    `judge` receives each entry before it is stored or deleted, as the row to store or the row to
    delete, and may raise RefusedError.
    """

    name: str
    access: Access | None = None
    reason: str = ""
    judge: Judge = lambda _stored, _deleted: None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKey:
    """Which entry a pipeline means: the tenant's slug, one whole origin, and a scope or blank."""

    tenant: str
    origin: str
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTerms:
    """The terms on which an origin is allowed. `until` is its end, None for no end.

    If `within` is set, this pattern must cover the origin.
    """

    until: datetime | None
    credentials: bool = False
    within: OriginPattern | None = None


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """What became of an entry, its stored row (None if it has none), and the generation."""

    result: str
    row: Origin | None
    generation: int


def allow_origin(key: EntryKey, terms: EntryTerms, pipeline: Pipeline) -> EntryOutcome:
    """Allow one origin on terms, or move the end of the entry that allows it to a later time.

    An end never moves to an earlier time. Raises RefusedError.
    """
    _check_origin(key.origin, terms.within)
    return _as_one_change(lambda: _allow(key, terms, pipeline))


def revoke_origin(key: EntryKey, pipeline: Pipeline) -> EntryOutcome:
    """Delete the entry of one origin, or do nothing if there is none. Raises RefusedError.

    An entry that somebody has disabled stays: it allows nothing, and if it were deleted the
    pipeline could allow the origin again.
    """
    return _as_one_change(lambda: _revoke(key, pipeline))


def read_pattern(text: str) -> OriginPattern:
    """Return an origin pattern. Raises ValidationError with every problem of the text."""
    try:
        return parse_pattern(text)
    except PolicyError as error:
        raise ValidationError([*map(describe, error.problems)]) from None


class _NothingToDoError(Exception):
    """Raised if nothing needs to change, to roll back the move of the counter."""

    def __init__(self, result: str, row: Origin | None) -> None:
        self.result, self.row = result, row
        super().__init__(result)


def _as_one_change(work: Callable[[], tuple[str, Origin | None]]) -> EntryOutcome:
    """Do work that may write. Pipelines that act at once wait here for each other."""
    alias = alias_for_writing()
    try:
        with generation.change(alias):
            result, row = work()
            if result not in WRITTEN:
                raise _NothingToDoError(result, row)
            return EntryOutcome(result, row, current_generation(alias)[0])
    except _NothingToDoError as found:
        return EntryOutcome(found.result, found.row, current_generation(alias)[0])


def _allow(key: EntryKey, terms: EntryTerms, pipeline: Pipeline) -> tuple[str, Origin]:
    tenant = _tenant(key, pipeline, "add", "change")
    row = _stored(tenant, key)
    if row is None:
        return ADDED, _written(_new(tenant, key, terms, pipeline), terms, pipeline)
    _check_maker(row, pipeline)
    if not row.enabled:
        message = "Somebody has disabled this entry. Only a person can enable it again."
        raise RefusedError(Refusal("entry-disabled", message))
    if row.credentials != terms.credentials:
        grants = "grants" if row.credentials else "does not grant"
        message = f"This entry {grants} credentials. To change that, revoke it first."
        raise RefusedError(Refusal("other-credentials", message))
    if row.valid_until is None or (terms.until and row.valid_until >= terms.until):
        return UNCHANGED, row
    return RENEWED, _written(row, terms, pipeline)


def _revoke(key: EntryKey, pipeline: Pipeline) -> tuple[str, Origin | None]:
    row = _stored(_tenant(key, pipeline, "delete"), key)
    if row is None:
        return ABSENT, None
    _check_maker(row, pipeline)
    if not row.enabled:
        return DISABLED, row
    pipeline.judge(None, row)
    _sign(row, pipeline)
    row.delete()
    return REVOKED, None


def _check_origin(origin: str, within: OriginPattern | None) -> None:
    """Refuse a text that is not one whole origin, or not one that the pattern covers."""
    parts = parse_origin(origin)
    if parts is None:
        try:
            parse_pattern(origin)
        except PolicyError as error:
            raise RefusedError(*map(_refusal, error.problems)) from None
        message = f"“{shown(origin)}” is a pattern: a pipeline allows one origin at a time."
        raise RefusedError(Refusal("origin-is-a-pattern", message))
    if within is not None and not within.covers(*parts):
        message = f"“{shown(origin)}” is not covered by --within."
        raise RefusedError(Refusal("origin-not-within", message))


def _tenant(key: EntryKey, pipeline: Pipeline, *actions: str) -> Tenant:
    """Return the tenant. A user who may not see it gets the same error as for an unknown one."""
    tenant: Tenant | None = (
        Tenant.objects.using(alias_for_writing()).filter(slug=key.tenant).first()
    )
    access = pipeline.access
    if tenant is None and (access is None or access.everywhere("view", Tenant)):
        message = f"There is no tenant “{shown(key.tenant)}”."
        raise RefusedError(Refusal("tenant-unknown", message))
    if tenant is None or not (access is None or _may(access, tenant, actions)):
        message = f"You may not change the origins of {shown(key.tenant)}."
        raise RefusedError(Refusal("not-permitted", message))
    return tenant


def _may(access: Access, tenant: Tenant, actions: Iterable[str]) -> bool:
    return access.sees(tenant, Tenant, Origin) and all(
        access.may(action, Origin, tenant) for action in actions
    )


def _stored(tenant: Tenant, key: EntryKey) -> Origin | None:
    named = {"pattern": key.origin, "scope": key.scope}
    rows = Origin.objects.using(alias_for_writing()).filter(tenant=tenant, **named)
    # The default collation of MySQL also finds rows whose texts differ in case.
    return next(
        (row for row in rows if {"pattern": row.pattern, "scope": row.scope} == named), None
    )


def _check_maker(row: Origin, pipeline: Pipeline) -> None:
    if row.made_by != pipeline.name:
        maker = f"the pipeline {shown(row.made_by)}" if row.made_by else "a person"
        message = f"This entry belongs to {maker}, so {shown(pipeline.name)} leaves it alone."
        raise RefusedError(Refusal("made-by-another", message))


def _new(tenant: Tenant, key: EntryKey, terms: EntryTerms, pipeline: Pipeline) -> Origin:
    return Origin(
        tenant=tenant,
        pattern=key.origin,
        scope=key.scope,
        credentials=terms.credentials,
        made_by=pipeline.name,
    )


def _written(row: Origin, terms: EntryTerms, pipeline: Pipeline) -> Origin:
    """Pass an entry with its new end through the gate, store it, and return it."""
    row.valid_until = terms.until
    _check_room(row)
    try:
        row.full_clean()
    except ValidationError as error:
        raise RefusedError(*_refusals(error)) from None
    pipeline.judge(row, None)
    _sign(row, pipeline)
    row.save()
    return row


def _check_room(row: Origin) -> None:
    in_force = Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now())
    rows = Origin.objects.using(alias_for_writing()).filter(
        in_force, tenant=row.tenant, enabled=True
    )
    if rows.exclude(made_by="").exclude(pk=row.pk).count() >= MAX_LIVE:
        message = (
            f"Pipelines already have {MAX_LIVE} entries in force in this tenant. Revoke some, or "
            "let them expire."
        )
        raise RefusedError(Refusal("too-many-entries", message))


def _sign(row: Any, pipeline: Pipeline) -> None:
    """Name the author and the reason in the history."""
    row._history_user = pipeline.access and pipeline.access.user  # noqa: SLF001 (documented name)
    row._change_reason = pipeline.reason or None  # noqa: SLF001 (documented name)


def _refusals(error: ValidationError) -> Iterator[Refusal]:
    for name, errors in error.error_dict.items():
        for found in errors:
            problem = (found.params or {}).get("problem")
            if problem is not None:
                yield _refusal(problem)
            else:
                yield Refusal(str(found.code), f"{name}: {' '.join(found.messages)}", "", name)


def _refusal(problem: Problem) -> Refusal:
    return Refusal(problem.code, describe(problem), problem.suggestion, problem.field)
