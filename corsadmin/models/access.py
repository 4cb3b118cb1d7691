"""Who may see and touch which tenant: by global permission, or as a member of it.

Two rules for every door: nobody sees anything of a row without permission to view rows of its
model, and a refusal never reveals whether a row exists to a user who may not view it.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from corsadmin.engine import PLATFORM
from corsadmin.models import (
    Dismissal,
    Emergency,
    EntrySeen,
    Origin,
    PathRule,
    RuleNames,
    Sighting,
    Tenant,
    TenantHost,
    TenantMember,
    Traffic,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
    from django.utils.functional import _StrPromise

Row = TypeVar("Row", bound=Model)
AnyRow: TypeAlias = (
    Tenant | TenantHost | PathRule | Origin | TenantMember | Emergency
)  # what an admin screen edits

ACCEPT_RISK: Final = "corsadmin.accept_risk"
ALLOW_ANY_ORIGIN: Final = "corsadmin.allow_any_origin"
SWITCH_EMERGENCY: Final = "corsadmin.emergency"
CHANGE_PLATFORM: Final = "corsadmin.change_platform"
PROBE_SERVERS: Final = "corsadmin.probe_servers"

# The models that pages and files about a whole policy show.
POLICY: Final[tuple[type[Model], ...]] = (Tenant, TenantHost, PathRule, Origin)
ROWS: Final[tuple[type[Model], ...]] = (*POLICY, TenantMember, Sighting)
# The models that pages about callers name: entries and path rules let callers in or refused them.
CALLERS: Final[tuple[type[Model], ...]] = (Tenant, PathRule, Origin, Sighting)
# Models that reveal callers too and have no permissions of their own: those for sightings count.
OF_CALLERS: Final[frozenset[type[Model]]] = frozenset({Dismissal, EntrySeen, RuleNames, Traffic})

# The message for a user who may add a row, but may not view the existing one that prevents it.
CANNOT_BE_ADDED: Final[dict[type[Model], "_StrPromise"]] = {
    Tenant: _("This tenant cannot be added."),
    TenantHost: _("This host cannot be added."),
    PathRule: _("This path rule cannot be added."),
    Origin: _("This origin cannot be added."),
    TenantMember: _("This member cannot be added."),
    Emergency: _("This emergency cannot be switched on."),
}

# What a member may do in their tenants. Members may only view hosts: the owner of a host gets its
# traffic, and "already taken" would reveal what others own. They may dismiss sightings; only the
# upkeep, or a user with the permission, deletes them.
_MEMBERS_SEE: Final = frozenset({Tenant, TenantHost, PathRule, Origin, Sighting})
_EDITORS_WRITE: Final = frozenset({
    (Sighting, "dismiss"),
    (Tenant, "change"),
    *((model, action) for model in (PathRule, Origin) for action in ("add", "change", "delete")),
})  # fmt: skip


class Access:
    """What one user may do. Memberships are read once, and only if they matter."""

    def __init__(self, user: "AbstractBaseUser | AnonymousUser") -> None:
        self.user: Any = user

    def has(self, permission: str) -> bool:
        """Report whether the user has a permission for all tenants."""
        return bool(self.user.has_perm(permission))

    def everywhere(self, action: str, model: type[Model]) -> bool:
        """Report whether the user may do this to the rows of every tenant but the platform."""
        if model is Emergency:
            # Emergencies have one permission of their own. Anyone who may view a tenant sees its
            # emergency.
            return self.everywhere("view", Tenant) and (
                action == "view" or self.has(SWITCH_EMERGENCY)
            )
        name = model._meta.model_name  # noqa: SLF001 (Django's documented name)
        if action == "view" and self.has(f"corsadmin.change_{name}"):
            return True
        return self.has(f"corsadmin.{action}_{name}")

    def keys(self, action: str, model: type[Model]) -> frozenset[int] | None:
        """Return the keys of the tenants in whose rows the user may do this; None for all."""
        if self.everywhere(action, model):
            return None
        if model is Emergency:
            return self._emergency_keys(action)
        if action == "view":
            return frozenset(self._roles if model in _MEMBERS_SEE else ())
        if (model, action) not in _EDITORS_WRITE:
            return frozenset()
        return frozenset(
            key for key, role in self._roles.items() if role == TenantMember.Role.EDITOR
        )

    def seen(self, *models: type[Model]) -> frozenset[int] | None:
        """Return the keys of tenants whose rows of all these models the user sees; None for all."""
        limits = [self.keys("view", model) for model in models]
        found = [limit for limit in limits if limit is not None]
        return frozenset.intersection(*found) if found else None

    def sees(self, tenant: Tenant | None, *models: type[Model]) -> bool:
        """Report whether the user may view a tenant's rows of all these models.

        With None: those of some tenant.
        """
        keys = self.seen(*models)
        return keys is None or (bool(keys) if tenant is None else tenant.pk in keys)

    def sees_beside(self, model: type[Model], shown: type[Model]) -> bool:
        """Report whether the user sees rows of a model in every tenant whose `shown` rows they see.

        Only then may a list of `shown` rows have columns, filters and searches on this model.
        """
        keys, others = self.seen(model), self.seen(shown)
        return keys is None or (others is not None and others <= keys)

    def may(self, action: str, model: type[Model], tenant: Tenant | None = None) -> bool:
        """Report whether the user may do this to a tenant's rows; None: to some tenant's."""
        is_platform = tenant is not None and tenant.is_platform and model is not Emergency
        if is_platform and action != "view" and not self.has(CHANGE_PLATFORM):
            return False
        keys = self.keys(action, model)
        if keys is None:
            return True
        return bool(keys) if tenant is None else tenant.pk in keys

    def may_switch(self, tenant: Tenant | None) -> bool:
        """Report whether the user may switch the emergency of a tenant on, and lift it.

        The platform's emergency, which stops every tenant, needs no further permission: in an
        emergency there is no time to find somebody who has it. The user must see the tenant.
        """
        return tenant is not None and self.may("change", Emergency, tenant)

    def limit(
        self,
        rows: QuerySet[Row],
        action: str = "view",
        *,
        field: str = "tenant",
        model: type[Model] | None = None,
    ) -> QuerySet[Row]:
        """Return those of `rows` that the user may do this to. `field` is the path to the tenant.

        `model` is the model that the action is done to, if it is not that of `rows`.
        """
        keys = self.keys(action, model or rows.model)
        if keys is not None:
            rows = rows.filter(**{f"{field}__in": keys})
        if action != "view" and not self.has(CHANGE_PLATFORM):
            slug = "slug" if field == "pk" else f"{field}__slug"
            rows = rows.exclude(**{slug: PLATFORM})
        return rows

    def tenants_for(self, action: str, model: type[Model]) -> QuerySet[Tenant]:
        """Return the tenants that the user sees and whose rows they may do this to."""
        tenants: QuerySet[Tenant] = self.limit(Tenant.objects.all(), field="pk")
        return self.limit(tenants, action, field="pk", model=model)

    def _emergency_keys(self, action: str) -> frozenset[int]:
        """Return the keys of tenants whose emergency a member may see, or switch if permitted.

        The platform's emergency stops the member's tenants too, so a member sees it.
        """
        if action != "view":
            return frozenset(self._roles if self.has(SWITCH_EMERGENCY) else ())
        return frozenset({*self._roles, *self._platform} if self._roles else ())

    @cached_property
    def _platform(self) -> list[int]:
        return [*Tenant.objects.filter(slug=PLATFORM).values_list("pk", flat=True)]

    @cached_property
    def _roles(self) -> dict[int, str]:
        if not (self.user.is_active and self.user.is_staff):
            return {}
        found = TenantMember.objects.filter(user=self.user).values_list("tenant_id", "role")
        return dict(found)


def access(request: HttpRequest) -> Access:
    """Return what the user of a request may do, the same object for the whole request."""
    found: Access | None = getattr(request, "_corsadmin_access", None)
    if found is None:
        found = Access(request.user)
        request._corsadmin_access = found  # type: ignore[attr-defined]  # noqa: SLF001
    return found
