"""The places for probes of live servers: few, however many processes there are."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from corsadmin.models.database import alias_for_writing

MAX_RUNS: Final = 2
_SPARE_SECONDS: Final = 10.0  # for what a run does before and after its requests


class ProbeRun(models.Model):
    """One run of a page that probes a live server, while it lasts.

    The database enforces the limits: each of the MAX_RUNS places is taken once, and each user holds
    one place. If a process dies, its place becomes free when its time is over.
    """

    place = models.PositiveSmallIntegerField(primary_key=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    until = models.DateTimeField()

    class Meta:
        default_permissions = ()
        permissions: ClassVar = [("probe_servers", _("Can send requests to live servers"))]

    def __str__(self) -> str:
        return f"{self.place}: {self.user} until {self.until}"


class NoPlaceError(Exception):
    """Raised with a sentence that says why no probe can start now."""


@contextmanager
def place_for_run(user_key: Any, seconds: float) -> Iterator[None]:
    """Hold a place for a run of at most `seconds`. Raises NoPlaceError if there is none.

    Do not call it in a transaction: other processes must see the place.
    """
    rows = ProbeRun.objects.using(alias_for_writing())
    place = _take_place(rows, user_key, seconds)
    try:
        yield
    finally:
        rows.filter(place=place, user=user_key).delete()


def _take_place(rows: "models.QuerySet[ProbeRun]", user_key: Any, seconds: float) -> int:
    now = timezone.now()
    rows.filter(until__lte=now).delete()
    if rows.filter(user=user_key).exists():
        raise NoPlaceError(gettext("You are already asking a server. Wait for its response."))
    until = now + timedelta(seconds=seconds + _SPARE_SECONDS)
    for place in range(MAX_RUNS):
        with suppress(IntegrityError), transaction.atomic(using=rows.db):
            rows.create(place=place, user_id=user_key, until=until)
            return place
    raise NoPlaceError(gettext("Other people are asking servers right now. Try again in a moment."))
