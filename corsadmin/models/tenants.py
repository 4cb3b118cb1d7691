"""Tenants, their hosts, and the staff who may see and touch them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from corsadmin.engine import PLATFORM
from corsadmin.models import validation
from corsadmin.models.querysets import TenantHostQuerySet, TenantQuerySet
from corsadmin.models.rows import History, PolicyRow


class Tenant(PolicyRow):
    """A customer or site whose traffic has its own origins."""

    slug = models.CharField(
        _("slug"),
        max_length=63,
        unique=True,
        help_text=_("Lower-case letters, digits, and hyphens. Identifies the tenant everywhere."),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("An inactive tenant gets no CORS headers at all."),
    )
    inherits_platform = models.BooleanField(
        _("inherits the platform's rules"),
        default=True,
        help_text=_("The platform's path rules and origins apply to this tenant too."),
    )
    note = models.TextField(_("note"), blank=True)
    generation = models.BigIntegerField(_("generation"), default=0, editable=False, db_index=True)

    objects: ClassVar = TenantQuerySet["Tenant"].as_manager()
    history = History(excluded_fields=["generation"])

    class Meta:
        ordering = ("slug",)
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        permissions: ClassVar = [("change_platform", _("Can change the platform's policy"))]

    def __str__(self) -> str:
        return self.slug

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def is_platform(self) -> bool:
        """Report whether this is the reserved tenant that every other one inherits from."""
        return self.slug == PLATFORM

    def clean(self) -> None:
        """Raise ValidationError if the slug is not valid."""
        super().clean()
        validation.check_tenant(self)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        """Delete the tenant with all its rows. Raises ProtectedError for the platform."""
        if self.is_platform:
            raise models.ProtectedError(gettext("The platform tenant cannot be deleted."), {self})
        return super().delete(*args, **kwargs)

    def _stored_tenants(self, _alias: str) -> list[int]:
        return []  # the row's own key is touched once it is saved


class TenantHost(PolicyRow):
    """A host name that belongs to a tenant."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="hosts", verbose_name=_("tenant")
    )
    host = models.CharField(
        _("host"),
        max_length=253,
        unique=True,
        help_text=_("Lower case, punycode, without a port: api.example.com"),
    )

    objects: ClassVar = TenantHostQuerySet["TenantHost"].as_manager()
    history = History()

    class Meta:
        ordering = ("host",)
        verbose_name = _("host")
        verbose_name_plural = _("hosts")

    def __str__(self) -> str:
        return self.host

    def natural_key(self) -> tuple[str]:
        return (self.host,)

    def clean(self) -> None:
        """Raise ValidationError if no browser can send a request to this host."""
        super().clean()
        validation.check_tenant_host(self)


class TenantMember(models.Model):
    """A staff user who may view or edit only the tenants of their memberships."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("viewer")
        EDITOR = "editor", _("editor")

    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="members", verbose_name=_("tenant")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="cors_memberships",
        verbose_name=_("user"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    modified = models.DateTimeField(_("modified"), auto_now=True)

    history = History()

    class Meta:
        ordering = ("tenant", "user")
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "user"], name="corsadmin_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
