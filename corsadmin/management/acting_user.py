"""Find the user in whose name a command acts."""

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from corsadmin.models.access import Access


def find_user(name: str | None) -> tuple[object, Access | None]:
    """Return a user's primary key and what the user may do; (None, None) without a name."""
    if name is None:
        return None, None
    model = get_user_model()
    users = model._default_manager  # noqa: SLF001 (Django's documented name)
    user = users.filter(**{model.USERNAME_FIELD: name}).first()
    if user is None:
        message = f"There is no user {name}."
        raise CommandError(message)
    return user.pk, Access(user)
