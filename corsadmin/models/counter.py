"""The one row that every committed change moves, the log of its latest moves, and how to read them.

Why the log has marks: docs/decisions/marks.md.
"""

from typing import Final, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

ROW: Final = 1  # the primary key of the counter's one row


class Counter(NamedTuple):
    """The counter: its value, the value at which everything had to be read, the latest mark."""

    value: int = 0
    rebuild: int = 0
    mark: int = 0


class Generation(models.Model):
    """The one row that every committed change moves; see corsadmin.models.generation."""

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
    """One move of the counter: the new value, a unique mark, and the tenants that were removed.

    `removed` has the keys of deleted tenants, separated by blanks.
    """

    generation = models.BigIntegerField(primary_key=True)
    mark = models.BigIntegerField()
    removed = models.TextField(default="", blank=True)

    class Meta:
        verbose_name = _("generation change")
        verbose_name_plural = _("generation changes")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.generation)


def current_generation(using: str) -> tuple[int, int]:
    """Return the counter's value and rebuild number; (0, 0) before the first change ever."""
    return read_counter(using)[:2]


def read_counter(using: str) -> Counter:
    """Return the stored counter, or zeros before the first change."""
    rows = plain_rows("Generation", using).filter(pk=ROW)
    row = rows.values_list("value", "rebuild", "mark").first()
    return Counter(*row) if row else Counter()


def is_past(using: str, known: Counter) -> bool:
    """Report whether the state that a process knows is a past state of this database.

    It is not after a restore, nor if it is so old that its move is no longer kept.
    """
    # The latest move up to that value: raw SQL may move the counter without a row here.
    moves = plain_rows("Move", using).filter(generation__lte=known.value).order_by("-generation")
    mark = moves.values_list("mark", flat=True).first()
    return mark is not None and mark == known.mark


def removed_since(using: str, value: int) -> set[int]:
    """Return the keys of tenants that were deleted after the counter had this value."""
    moves = plain_rows("Move", using).filter(generation__gt=value).exclude(removed="")
    texts = moves.values_list("removed", flat=True)
    return {int(key) for text in texts for key in text.split()}


def plain_rows(model: str, alias: str) -> QuerySet[models.Model]:
    """Return a plain queryset: the models' own querysets would move the counter themselves."""
    return QuerySet(apps.get_model("corsadmin", model), using=alias)
