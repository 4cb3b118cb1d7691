"""What a tenant allows: its path rules and its origin entries."""

from datetime import UTC
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from corsadmin.engine.origins import MAX_ORIGIN_LENGTH
from corsadmin.engine.rules import MAX_PREFLIGHT_AGE
from corsadmin.models import validation
from corsadmin.models.fields import LinkField, RequestHeadersField, stored_names
from corsadmin.models.policy_rows import name_entry
from corsadmin.models.querysets import OriginQuerySet, PathRuleQuerySet
from corsadmin.models.rows import History, PolicyRow
from corsadmin.models.tenants import Tenant

MAX_PATH_LENGTH = 512
MAX_PIPELINE_NAME = 150

# Entries worth a second look: the admin filters by these conditions, so they are indexed.
WILDCARD = Q(pattern__contains="*")
PLAIN_HTTP = Q(pattern__startswith="http://") & ~Q(pattern__startswith="http://localhost")


def default_methods() -> list[str]:
    """Return the methods that a new path rule allows: those that need no preflight."""
    return ["GET", "HEAD", "POST"]


def default_request_headers() -> list[str]:
    """Return the request headers that a new path rule allows: what a JSON body needs."""
    return ["content-type"]


def _showable(field: str) -> Q:
    """Return the condition that a moment is null, or in a year that every time zone has."""
    zone = UTC if settings.USE_TZ else None
    first, end = (
        moment.replace(tzinfo=zone)
        for moment in (validation.FIRST_MOMENT, validation.END_OF_MOMENTS)
    )
    return Q((f"{field}__isnull", True)) | Q((f"{field}__gte", first), (f"{field}__lt", end))


class PathRule(PolicyRow):
    """A path pattern and what cross-origin callers may do there."""

    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, related_name="paths", verbose_name=_("tenant")
    )
    path = models.CharField(
        _("path"),
        max_length=MAX_PATH_LENGTH,
        help_text=_(
            "/api/ covers everything below it, /api/greet only that path, and /api/{$} only /api/. "
            "* stands for one segment."
        ),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    # db_default, because processes of an older version, without this column, still write rules.
    exclusive = models.BooleanField(
        _("exclusive"),
        default=False,
        db_default=False,
        help_text=_(
            "Allow only origins whose scope lies within this path, not origins for every path. A "
            "more specific rule opens its own path again unless it is exclusive too. A tenant's "
            "editors can get around the platform's exclusive rules: they can scope an origin to "
            "this path or write a rule of their own."
        ),
    )
    any_origin = models.BooleanField(
        _("any origin"),
        default=False,
        help_text=_("Every website may read the responses. Never with credentials."),
    )
    credentials = models.BooleanField(
        _("credentials"),
        default=False,
        help_text=_("Browsers may send cookies if the origin entry allows it too."),
    )
    methods = models.JSONField(_("methods"), default=default_methods, blank=True)
    request_headers = RequestHeadersField(
        _("request headers"), default=default_request_headers, blank=True
    )
    exposed_headers = models.JSONField(_("exposed headers"), default=list, blank=True)
    max_age = models.PositiveIntegerField(
        _("max age"),
        null=True,
        blank=True,
        help_text=_(
            "Seconds that a browser may cache a preflight response, at most 86400. After you "
            "revoke access, pages can go on sending calls for this long. Blank: the browser's "
            "default, 5 seconds."
        ),
    )
    refuse_unlisted = models.BooleanField(
        _("refuse unlisted origins"),
        default=False,
        help_text=_(
            "Answer requests from other origins with 403. Otherwise the view runs, and only the "
            "browser keeps the response from the page."
        ),
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
                condition=~Q(any_origin=True, exclusive=True),
                name="corsadmin_any_origin_not_exclusive",
            ),
            models.CheckConstraint(
                condition=Q(max_age__isnull=True) | Q(max_age__range=(0, MAX_PREFLIGHT_AGE)),
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
        """Lower-case the request headers; raise ValidationError with every problem, if any."""
        super().clean()
        validation.check_path_rule(self)
        # Not earlier: a problem quotes the spelling that somebody typed.
        self.request_headers = stored_names(self.request_headers)


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
        help_text=_("Browsers may send cookies if the path rule allows it too."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    scope = models.CharField(
        _("scope"),
        max_length=MAX_PATH_LENGTH,
        blank=True,
        default="",
        help_text=_(
            "The paths that this origin may call: /api/ and everything below it, or /api/{$} for "
            "/api/ alone. Blank: every path that has no exclusive rule."
        ),
    )
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    risk_accepted = models.BooleanField(
        _("risk accepted"),
        default=False,
        help_text=_(
            "Required to grant credentials to plain http, or to every name below a domain where "
            "anybody can register one, such as https://*.github.io."
        ),
    )
    made_by = models.CharField(
        _("made by"),
        max_length=MAX_PIPELINE_NAME,
        blank=True,
        default="",
        # For processes of the previous version, which still write during a deployment.
        db_default=models.Value(""),
        editable=False,
        help_text=_(
            "The pipeline that created this entry with cors_allow. It may renew or revoke the entry "
            "without confirmation. Blank: a person created it."
        ),
    )
    # Not indexed, nor in the history: the few rows that have a value have a partial index of their
    # own.
    replaces = LinkField(
        "self",
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="replaced_by",
        verbose_name=_("replaces"),
        help_text=_("The origin that this one replaces."),
    )
    note = models.TextField(_("note"), blank=True)

    objects: ClassVar = OriginQuerySet["Origin"].as_manager()
    history = History(no_db_index=["replaces"])

    class Meta:
        ordering = ("pattern", "scope")
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        permissions: ClassVar = [("accept_risk", _("Can accept the risk of a dangerous origin"))]
        constraints: ClassVar = [
            # The pattern comes first, so that the index finds what covers an origin across tenants.
            models.UniqueConstraint(
                fields=["pattern", "tenant", "scope"], name="corsadmin_origin_once"
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
            models.CheckConstraint(
                condition=_showable("valid_from") & _showable("valid_until"),
                name="corsadmin_window_years",
            ),
        ]
        # Each index slows imports, so none covers what most rows have.
        indexes: ClassVar = [
            models.Index(fields=["modified"], name="corsadmin_origin_modified"),
            models.Index(
                fields=["valid_until"],
                name="corsadmin_origin_ending",
                condition=Q(valid_until__isnull=False),
            ),
            models.Index(
                fields=["valid_from"],
                name="corsadmin_origin_beginning",
                condition=Q(valid_from__isnull=False),
            ),
            models.Index(
                fields=["replaces"],
                name="corsadmin_origin_replaces",
                condition=Q(replaces__isnull=False),
            ),
            models.Index(fields=["id"], name="corsadmin_origin_off", condition=Q(enabled=False)),
            models.Index(
                fields=["id"], name="corsadmin_origin_accepted", condition=Q(risk_accepted=True)
            ),
            models.Index(fields=["id"], name="corsadmin_origin_wildcard", condition=WILDCARD),
            models.Index(fields=["id"], name="corsadmin_origin_http", condition=PLAIN_HTTP),
        ]

    def __str__(self) -> str:
        return name_entry(self.pattern, self.scope)

    def natural_key(self) -> tuple[str, str, str]:
        return (self.tenant.slug, self.pattern, self.scope)

    natural_key.dependencies = ("corsadmin.tenant",)  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Raise ValidationError with every problem, each at its field."""
        super().clean()
        validation.check_origin_entry(self)
