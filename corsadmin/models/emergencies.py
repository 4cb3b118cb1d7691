"""The emergency switch as a row: whom it stops, how much, why and until when."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corsadmin.engine.emergencies import Stop, StopLevel, stop_of
from corsadmin.models.policy_rows import epoch
from corsadmin.models.querysets import EmergencyQuerySet
from corsadmin.models.rows import History, PolicyRow
from corsadmin.models.tenants import Tenant
from corsadmin.models.validation import NO_SUCH_YEAR, is_showable


class Emergency(PolicyRow):
    """An emergency that is switched on for a tenant; the platform's stops every tenant.

    `created` is when it was switched on, `by` who did it. After `until` the row has no effect. An
    unknown level takes everything away.
    """

    class Level(models.TextChoices):
        ALL = StopLevel.ALL.value, _("Stop every origin")
        CREDENTIALS = StopLevel.CREDENTIALS.value, _("Stop credentials only")

    # One for each tenant: two people who act at once change one row.
    tenant = models.OneToOneField(
        Tenant, on_delete=models.CASCADE, related_name="emergency", verbose_name=_("tenant")
    )
    level = models.CharField(_("level"), max_length=20, choices=Level, default=Level.ALL)
    reason = models.TextField(_("reason"))
    until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Blank: until somebody lifts it.")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    objects: ClassVar = EmergencyQuerySet["Emergency"].as_manager()
    history = History()

    class Meta:
        ordering = ("tenant",)
        verbose_name = _("emergency")
        verbose_name_plural = _("emergencies")
        default_permissions = ()
        permissions: ClassVar = [("emergency", _("Can switch an emergency on, and lift it"))]

    def __str__(self) -> str:
        return self.get_level_display()

    def natural_key(self) -> tuple[str]:
        return (self.tenant.slug,)

    natural_key.dependencies = ("corsadmin.tenant",)  # type: ignore[attr-defined]

    @property
    def stop(self) -> Stop:
        """The emergency as the engine takes it."""
        return stop_of(self.level, epoch(self.until))

    @property
    def is_known(self) -> bool:
        """Report whether the level exists."""
        return self.level in Emergency.Level.values

    def is_over(self, now: datetime | None = None) -> bool:
        """Report whether its end has passed."""
        return self.until is not None and self.until <= (now or timezone.now())

    def clean(self) -> None:
        """Raise ValidationError for an end that no page can show."""
        super().clean()
        if isinstance(self.until, datetime) and not is_showable(self.until):
            error = ValidationError(NO_SUCH_YEAR, code="moment-out-of-range")
            raise ValidationError({"until": [error]})
