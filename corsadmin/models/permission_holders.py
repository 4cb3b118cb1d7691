"""Find who has a permission, so that a user who lacks it knows whom to ask."""

from itertools import islice
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, PermissionsMixin

from corsadmin.models.access import Access

MAX_NAMED: Final = 3


def holders_of(permission: str, reader: Access) -> list[str]:
    """Return at most MAX_NAMED groups and users with a permission, of those the reader may view."""
    app_label, codename = permission.split(".")
    found: list[str] = []
    if reader.has("auth.view_group"):
        permitted = {"content_type__app_label": app_label, "codename": codename}
        groups = Group.objects.filter(
            **{f"permissions__{name}": value for name, value in permitted.items()}
        )
        found += groups.order_by("name").values_list("name", flat=True)[:MAX_NAMED]
    model: Any = get_user_model()
    may_view = reader.has(f"{model._meta.app_label}.view_{model._meta.model_name}")  # noqa: SLF001 (Django's documented name)
    if may_view and issubclass(model, PermissionsMixin):
        users: Any = ModelBackend().with_perm(permission)
        found += map(str, users.order_by(model.USERNAME_FIELD)[:MAX_NAMED])
    return list(islice(dict.fromkeys(found), MAX_NAMED))
