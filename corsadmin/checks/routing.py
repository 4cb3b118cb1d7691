"""Check that the policies are read where they are written, and stored where the users are."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connections, router
from django.db.models import ForeignKey, Model

from corsadmin.conf import SETTING, config
from corsadmin.models import Tenant

if TYPE_CHECKING:
    Users = ForeignKey[Model, Model]


def check_databases(**_kwargs: object) -> list[CheckMessage]:
    """Check where Django's routers write the app's models, and the users that they point to."""
    read = config().database or router.db_for_write(Tenant)
    if read not in list(connections):
        return []  # the check of the settings says so
    astray = [
        (model, written)
        for model in apps.get_app_config("corsadmin").get_models()
        if not _same(read, written := router.db_for_write(model))
    ]
    if astray:
        return [_astray(read, astray)]
    apart = [
        (field, users)
        for field in _fields_to_users()
        if not _same(
            router.db_for_write(field.model), users := router.db_for_write(field.related_model)
        )
    ]
    return [_apart(router.db_for_write(Tenant), apart)] if apart else []


def _astray(read: str, astray: list[tuple[type[Model], str]]) -> CheckMessage:
    """Return the error for models that are written where nobody reads them."""
    names = ", ".join(model.__name__ for model, _written in astray)
    where = ", ".join(sorted({repr(written) for _model, written in astray}))
    return Error(
        f"The policies are read from the database {read!r}, but DATABASE_ROUTERS send writes to "
        f"{where} ({names}): no change there ever takes effect.",
        hint=f"Leave {SETTING}['DATABASE'] out, or add a router whose db_for_read, db_for_write "
        f"and allow_migrate send the whole app 'corsadmin' to {read!r}.",
        id="corsadmin.E023",
    )


def _apart(written: str, apart: "list[tuple[Users, str]]") -> CheckMessage:
    """Return the error for foreign keys to users in another database."""
    names = ", ".join(f"{field.model.__name__}.{field.name}" for field, _users in apart)
    users = ", ".join(sorted({repr(users) for _field, users in apart}))
    return Error(
        f"The policies are written to the database {written!r}, but {settings.AUTH_USER_MODEL} to "
        f"{users}. Foreign keys cannot cross databases ({names}): migrate or the first save fails.",
        hint=f"Keep the app 'corsadmin' in the database of the users: leave {SETTING}['DATABASE'] "
        "out, and let DATABASE_ROUTERS send both to one database.",
        id="corsadmin.E024",
    )


def _fields_to_users() -> "list[Users]":
    user = apps.get_model(settings.AUTH_USER_MODEL)
    return [
        field
        for model in apps.get_app_config("corsadmin").get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001 (Django's documented name)
        if isinstance(field, ForeignKey) and field.related_model is user
    ]


def _same(one: str, other: str) -> bool:
    """Report whether two aliases may lead to one database, one of them around a pooler."""
    if one == other:
        return True
    first, second = (connections[alias].settings_dict for alias in (one, other))
    return (first["ENGINE"], first["NAME"]) == (second["ENGINE"], second["NAME"])
