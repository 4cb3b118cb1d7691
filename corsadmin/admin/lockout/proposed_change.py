"""What a change makes of some tenants: their policies for one origin, before it and after it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet

from corsadmin.engine import PLATFORM, Grant, Packed, Snapshot, check_origin, packing
from corsadmin.models import Origin, PathRule, Tenant, TenantHost, validation

KINDS: Final[tuple[Any, ...]] = (Tenant, TenantHost, PathRule, Origin)


@dataclass(frozen=True, slots=True)
class Edit:
    """What a change writes.

    `gone` are rows that are deleted or switched off, by their model; `come` are rows as they will
    be, each in the place of the one that has its key.
    """

    gone: Mapping[Any, QuerySet[Any]] = field(default_factory=dict)
    come: Sequence[Any] = ()
    of: int | None = None  # the one tenant whose rows they are and were, where there is but one

    @classmethod
    def without(cls, rows: QuerySet[Any]) -> "Edit":
        """Return the edit that deletes rows or switches them off."""
        return cls(gone={rows.model: rows} if rows.model in KINDS else {})

    @classmethod
    def writing(
        cls, rows: Iterable[Any], gone: Iterable[Any] = (), *, of: int | None = None
    ) -> "Edit":
        """Return the edit that writes some rows and deletes others."""
        keys: defaultdict[Any, list[Any]] = defaultdict(list)
        for row in gone:
            keys[type(row)].append(row.pk)
        away = {model: model.objects.filter(pk__in=keys[model]) for model in KINDS if keys[model]}
        return cls(away, [row for row in rows if isinstance(row, KINDS)], of)

    def coming(self, model: Any) -> list[Any]:
        """Return the rows of a model that are written."""
        return [row for row in self.come if isinstance(row, model)]

    def touches(self, *models: Any) -> bool:
        """Report whether rows of one of these models are written or gone."""
        return any(model in self.gone or self.coming(model) for model in models)

    def staying(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return those stored rows that stay as they are."""
        rows = rows.exclude(pk__in=[row.pk for row in self.coming(rows.model) if row.pk])
        if rows.model in self.gone:
            rows = rows.exclude(pk__in=self.gone[rows.model].order_by().values("pk"))
        return rows

    def tenants(self) -> set[int]:
        """Return the keys of the tenants that are touched themselves or in one of their rows."""
        if self.of is not None:
            return {self.of}
        found = {owner(row) for row in self.come}
        for model in KINDS:
            name = "pk" if model is Tenant else "tenant"
            keys = [row.pk for row in self.coming(model) if row.pk]
            stored = [model.objects.filter(pk__in=keys)] if keys else []
            for rows in [*stored, *([self.gone[model]] if model in self.gone else [])]:
                found |= set(rows.order_by().values_list(name, flat=True).distinct())
        return found - {None}


def owner(row: Any) -> Any:
    """Return the key of the tenant that a row belongs to or is, None where there is none yet."""
    return row.pk if isinstance(row, Tenant) else getattr(row, "tenant_id", None)


class Scene(NamedTuple):
    """Some tenants at one time, as requests of one origin meet them."""

    tenants: dict[int, Tenant]  # the active ones
    hosts: Mapping[int, list[str]]
    paths: Mapping[int, set[str]]  # the patterns of rules and scopes
    snapshot: Snapshot


def scenes(edit: Edit, keys: Iterable[int], patterns: Iterable[str]) -> tuple[Scene, Scene]:
    """Return tenants and the platform before and after an edit; of origins only those patterns."""
    patterns = list(patterns)
    tenants = Tenant.objects.filter(Q(pk__in=[*keys]) | Q(slug=PLATFORM)).order_by()
    held = {"tenant__in": [row.pk for row in tenants]}
    stored: dict[Any, QuerySet[Any]] = {
        Tenant: tenants,
        TenantHost: TenantHost.objects.filter(**held).order_by(),
        PathRule: PathRule.objects.filter(**held).order_by(),
        Origin: Origin.objects.filter(**held, pattern__in=patterns).order_by(),
    }
    before = {model: list(rows) for model, rows in stored.items()}
    after = {
        model: [*edit.staying(rows), *edit.coming(model)] if edit.touches(model) else before[model]
        for model, rows in stored.items()
    }
    after[Origin] = [row for row in after[Origin] if row.pattern in patterns]
    return _scene(before), _scene(after)


def _scene(rows: Mapping[Any, list[Any]]) -> Scene:
    tenants = {tenant.pk: tenant for tenant in rows[Tenant] if tenant.pk and tenant.is_active}
    hosts, rules, origins = (_by_owner(rows[model]) for model in (TenantHost, PathRule, Origin))
    paths = {
        key: {row.path for row in rules[key] if row.enabled}
        | {row.scope for row in origins[key] if row.scope}
        for key in tenants
    }
    names = {key: [row.host for row in hosts[key]] for key in tenants}
    records = {
        key: _packed(tenant, names[key], rules[key], origins[key])
        for key, tenant in tenants.items()
    }
    return Scene(tenants, names, paths, Snapshot(0, 0, records))


def _by_owner(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.tenant_id].append(row)
    return found


def _packed(
    tenant: Tenant, hosts: list[str], rules: list[PathRule], origins: list[Origin]
) -> Packed:
    texts = (_rule(rule) for rule in rules if rule.enabled)
    return packing.pack(
        tenant.slug,
        packing.pack_head(packing.join_rules(texts), inherits=tenant.inherits_platform),
        packing.LINE.join(hosts),
        "",
        packing.pack_grants(_grants(origins)),
    )


def _rule(rule: PathRule) -> str:
    if validation.rule_problems(rule):
        return packing.pack_unreadable_rule(rule.path)
    return packing.pack_rule(validation.rule_text(rule))


def _grants(origins: list[Origin]) -> Iterable[tuple[str, Grant]]:
    for row in origins:
        text = validation.origin_text(row)
        if row.enabled and not check_origin(text):
            yield (
                text.pattern,
                Grant(text.credentials, text.scope, text.valid_from, text.valid_until),
            )
