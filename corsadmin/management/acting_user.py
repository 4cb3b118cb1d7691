"""Find the user in whose name a command acts."""

from argparse import ArgumentParser

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from corsadmin.models.access import Access


def add_acting_user(parser: ArgumentParser) -> None:
    """Add --user, so that a command that writes acts in a user's name."""
    parser.add_argument(
        "--user",
        metavar="NAME",
        help="act as this user: the history names them as the author, and the command refuses what "
        "the admin would refuse them (default: no author, and everything is allowed)",
    )


def find_user(name: str | None) -> tuple[object, Access | None]:
    """Return a user's key and what the user may do; (None, None) without a name.

    Raises CommandError for an unknown name.
    """
    if name is None:
        return None, None
    model = get_user_model()
    users = model._default_manager  # noqa: SLF001 (Django's documented name)
    user = users.filter(**{model.USERNAME_FIELD: name}).first()
    if user is None:
        message = f"There is no user {name}."
        raise CommandError(message)
    return user.pk, Access(user)
