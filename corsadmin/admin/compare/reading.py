"""Read two tenants, including what each inherits, and compare them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from corsadmin.admin.compare.pairing import Holder, RowPair, pair_origins, pair_rules
from corsadmin.admin.words import field_text
from corsadmin.engine import PLATFORM
from corsadmin.models import Emergency, Tenant
from corsadmin.models.database import alias_for_writing
from corsadmin.models.emergency_switch import shown_end
from corsadmin.models.tenant_rows import TenantRows, read_tenant_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SHOWN_HOSTS: Final = 20
_SETTINGS: Final = ("is_active", "inherits_platform", "note")


@dataclass(frozen=True, slots=True)
class SettingPair:
    """One setting of two tenants, in words."""

    label: str
    left: str
    right: str

    @property
    def is_alike(self) -> bool:
        """Report whether the setting is the same for both tenants."""
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class TenantPair:
    """Two tenants, side by side. A host belongs to one tenant, so hosts are not compared."""

    settings: list[SettingPair]
    hosts: SettingPair
    rules: list[RowPair]
    origins: list[RowPair]


def compare_tenants(left: Tenant, right: Tenant) -> TenantPair:
    """Return what two tenants hold and inherit, side by side."""
    using = alias_for_writing()
    platform = Tenant.objects.using(using).filter(slug=PLATFORM, is_active=True).first()
    heirs = [one for one in (left, right) if one.inherits_platform and not one.is_platform]
    asked = [left, right]
    if platform is not None and heirs and platform not in asked:
        asked.append(platform)
    held = {one.tenant.pk: one for one in read_tenant_rows(asked, using)}
    above = held.get(platform.pk) if platform is not None else None
    rules, origins = (
        [_holder(held[one.pk], kind, above if one in heirs else None) for one in (left, right)]
        for kind in ("rules", "origins")
    )
    return TenantPair(
        _settings(left, right),
        SettingPair(_("hosts"), _hosts(held[left.pk]), _hosts(held[right.pk])),
        pair_rules(*rules),
        pair_origins(*origins),
    )


def _holder(rows: TenantRows, kind: str, above: TenantRows | None) -> Holder:
    inherited = () if above is None else [row for row in getattr(above, kind) if row.enabled]
    return Holder(getattr(rows, kind), inherited)


def _settings(left: Tenant, right: Tenant) -> list[SettingPair]:
    found = [
        SettingPair(_label(name), *(field_text(getattr(one, name)) for one in (left, right)))
        for name in _SETTINGS
        # The platform inherits nothing, whatever its row says.
        if name != "inherits_platform" or not (left.is_platform or right.is_platform)
    ]
    stops = Emergency.objects.in_force().filter(Q(tenant=left) | Q(tenant=right))
    shown = {one.tenant_id: f"{one.get_level_display()}, {shown_end(one)}" for one in stops}
    stopped = SettingPair(_("emergency"), shown.get(left.pk, ""), shown.get(right.pk, ""))
    return [*found, stopped] if shown else found


def _label(name: str) -> str:
    field: Any = Tenant._meta.get_field(name)
    return str(field.verbose_name)


def _hosts(rows: TenantRows) -> str:
    names: Sequence[str] = [row.host for row in rows.hosts[:MAX_SHOWN_HOSTS]]
    more = len(rows.hosts) - len(names)
    text = ", ".join(names)
    return _("%(hosts)s and %(count)d more") % {"hosts": text, "count": more} if more else text
