"""The stored policies, and nothing about how a request is answered."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models, router
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from corsadmin import gate, generation
from corsadmin.engine import MAX_AGE_LIMIT, MAX_ORIGIN_LENGTH, PLATFORM
from corsadmin.querysets import (
    OriginQuerySet,
    PathRuleQuerySet,
    PolicyQuerySet,
    TenantHostQuerySet,
    TenantQuerySet,
)

MAX_PATH_LENGTH = 512


def default_methods() -> list[str]:
    """Return the methods a new path rule allows: those a browser sends without asking."""
    return ["GET", "HEAD", "POST"]


def default_request_headers() -> list[str]:
    """Return the request headers a new path rule allows: what a JSON body needs."""
    return ["content-type"]


class History(HistoricalRecords):  # type: ignore[misc] # it has no types
    """Keeps each version of a row, with who wrote it and why."""

    def __init__(self, **kwargs: Any) -> None:
        reason = models.TextField(null=True)
        super().__init__(history_change_reason_field=reason, **kwargs)

    def get_change_reason_for_object(self, instance: Any, history_type: str, using: str) -> Any:
        """Return the reason of the row or else of the request, so that cascades have one too."""
        given = super().get_change_reason_for_object(instance, history_type, using)
        request = getattr(self.context, "request", None)
        return given or getattr(request, "corsadmin_reason", None)


class PolicyRow(models.Model):
    """A row that says something about a policy: writing it moves the counter."""

    created = models.DateTimeField(_("created"), auto_now_add=True)
    modified = models.DateTimeField(_("modified"), auto_now=True)

    objects: ClassVar = PolicyQuerySet["PolicyRow"].as_manager()

    class Meta:
        abstract = True
        # Otherwise `tenant.origins.add(row)` writes with a plain queryset, and nobody hears of it.
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row and move the counter in one transaction."""
        alias = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with generation.change(alias) as change:
            change.touch(*self._stored_tenants(alias))
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row and move the counter in one transaction."""
        alias = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with generation.change(alias):
            return super().delete(*args, **kwargs)

    def _stored_tenants(self, alias: str) -> list[int]:
        # A row may be moved to another tenant: the one that loses it must hear of it too.
        if self.pk is None:
            return []
        rows = type(self)._base_manager.using(alias)  # noqa: SLF001 (Django's documented name)
        return list(rows.filter(pk=self.pk).values_list(PolicyQuerySet.tenant_field, flat=True))


class Tenant(PolicyRow):
    """A customer or site whose traffic has its own origins."""

    slug = models.CharField(
        _("slug"),
        max_length=63,
        unique=True,
        help_text=_("Lower-case letters, digits and hyphens; names the tenant everywhere."),
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
        help_text=_("The platform's path rules and origins hold for this tenant too."),
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
        """Raise ValidationError when the slug cannot name a tenant."""
        super().clean()
        gate.check_tenant(self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the tenant with all it holds. Raises ProtectedError for the platform."""
        if self.is_platform:
            raise models.ProtectedError(gettext("The platform tenant cannot be deleted."), {self})
        return super().delete(*args, **kwargs)

    def _stored_tenants(self, _alias: str) -> list[int]:
        return []  # its own key is touched once it is saved


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
        """Raise ValidationError when no browser could ask for this host."""
        super().clean()
        gate.check_tenant_host(self)


class PathRule(PolicyRow):
    """A path pattern and what cross-origin callers may do there."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="paths", verbose_name=_("tenant")
    )
    path = models.CharField(
        _("path"),
        max_length=MAX_PATH_LENGTH,
        help_text=_("/api/ covers all below it, /api/greet only that path, * one segment."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    any_origin = models.BooleanField(
        _("any origin"),
        default=False,
        help_text=_("Every website may read the answers. Never with credentials."),
    )
    credentials = models.BooleanField(
        _("credentials"),
        default=False,
        help_text=_("Browsers may send cookies, if the origin entry allows it too."),
    )
    methods = models.JSONField(_("methods"), default=default_methods, blank=True)
    request_headers = models.JSONField(
        _("request headers"), default=default_request_headers, blank=True
    )
    exposed_headers = models.JSONField(_("exposed headers"), default=list, blank=True)
    max_age = models.PositiveIntegerField(
        _("max age"),
        null=True,
        blank=True,
        help_text=_(
            "Seconds a browser may remember a preflight, at most 86400. It also delays what you "
            "take away. Blank: the browser's default, 5 seconds."
        ),
    )
    refuse_unlisted = models.BooleanField(
        _("refuse unlisted origins"),
        default=False,
        help_text=_("Answer 403 before the view runs; otherwise the view runs without headers."),
    )
    note = models.TextField(_("note"), blank=True)

    objects: ClassVar = PathRuleQuerySet["PathRule"].as_manager()
    history = History()

    class Meta:
        ordering = ("path",)
        verbose_name = _("path rule")
        verbose_name_plural = _("path rules")
        permissions: ClassVar = [("allow_any_origin", _("Can open a path to any origin"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "path"], name="corsadmin_rule_once"),
            models.CheckConstraint(
                condition=~Q(any_origin=True, credentials=True),
                name="corsadmin_any_origin_without_credentials",
            ),
            models.CheckConstraint(
                condition=Q(max_age__isnull=True) | Q(max_age__range=(0, MAX_AGE_LIMIT)),
                name="corsadmin_max_age_range",
            ),
            models.CheckConstraint(
                condition=Q(path__startswith="/"), name="corsadmin_rule_path_is_absolute"
            ),
        ]

    def __str__(self) -> str:
        return self.path

    def natural_key(self) -> tuple[str, str]:
        return (self.tenant.slug, self.path)

    natural_key.dependencies = ("corsadmin.tenant",)  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Raise ValidationError with every problem, each at its field."""
        super().clean()
        gate.check_path_rule(self)


class Origin(PolicyRow):
    """An origin or origin pattern that a tenant allows."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="origins", verbose_name=_("tenant")
    )
    pattern = models.CharField(
        _("origin"),
        max_length=MAX_ORIGIN_LENGTH,
        help_text=_("https://app.example.com, https://*.example.org or http://localhost:*"),
    )
    credentials = models.BooleanField(
        _("credentials"),
        default=False,
        help_text=_("Browsers may send cookies, where the path rule allows it too."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    scope = models.CharField(
        _("scope"),
        max_length=MAX_PATH_LENGTH,
        blank=True,
        default="",
        help_text=_("A path pattern; blank: every path."),
    )
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    risk_accepted = models.BooleanField(
        _("risk accepted"),
        default=False,
        help_text=_("Needed to grant credentials to plain http or to a public suffix."),
    )
    note = models.TextField(_("note"), blank=True)

    objects: ClassVar = OriginQuerySet["Origin"].as_manager()
    history = History()

    class Meta:
        ordering = ("pattern", "scope")
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        permissions: ClassVar = [("accept_risk", _("Can accept the risk of a dangerous origin"))]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "pattern", "scope"], name="corsadmin_origin_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="corsadmin_window_order",
            ),
            models.CheckConstraint(
                condition=Q(pattern__contains="://") & ~Q(pattern__contains="\n"),
                name="corsadmin_pattern_is_an_origin",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pattern} ({self.scope})" if self.scope else self.pattern

    def natural_key(self) -> tuple[str, str, str]:
        return (self.tenant.slug, self.pattern, self.scope)

    natural_key.dependencies = ("corsadmin.tenant",)  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Raise ValidationError with every problem, each at its field."""
        super().clean()
        gate.check_origin_entry(self)


class TenantMember(models.Model):
    """A member of staff who sees and touches only the tenants named here."""

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


class Generation(models.Model):
    """The one row that every committed change moves; see corsadmin.generation."""

    value = models.BigIntegerField(default=0, editable=False)
    rebuild = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generation")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.value)
