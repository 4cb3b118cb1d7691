"""The one row that every committed change moves, and the log of its latest moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Generation(models.Model):
    """The one row that every committed change moves; see corsadmin.generation."""

    value = models.BigIntegerField(default=0, editable=False)
    rebuild = models.BigIntegerField(default=0, editable=False)
    mark = models.BigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generation")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.value)


class Move(models.Model):
    """One move of the counter: where to, a mark that no other move has, and who was removed.

    `removed` are the keys of deleted tenants, with blanks between them.
    """

    generation = models.BigIntegerField(primary_key=True)
    mark = models.BigIntegerField()
    removed = models.TextField(default="", blank=True)

    class Meta:
        verbose_name = _("move of the generation")
        verbose_name_plural = _("moves of the generation")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.generation)
