"""The one row that every committed change moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
