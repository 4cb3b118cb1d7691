"""The field for a user's name or e-mail address, and the search that suggests users.

Editors who may not view users get no suggestions. They type a name or an address that they know.
"""

from itertools import pairwise
from typing import Any, Final

from django import forms
from django.contrib.auth import get_permission_codename, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.models import TenantMember
from corsadmin.models.access import Access, access

MAX_NAME: Final = 254  # characters
MAX_SUGGESTED_USERS: Final = 20
_NAMES: Final = ("first_name", "last_name", "name", "full_name")


class UserField(forms.CharField):
    """A user, typed as a user name, an e-mail address or a full name."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("User"))
        kwargs.setdefault("help_text", gettext_lazy("User name, e-mail address or full name."))
        kwargs.setdefault("max_length", MAX_NAME)
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: object) -> object:
        """Return the user. Raise ValidationError if no user or several users have this name."""
        if isinstance(value, AbstractBaseUser):
            return value  # the user of a stored member, which cannot be changed
        text = super().clean(value)
        return named_user(text) if text else None

    def prepare_value(self, value: object) -> object:
        """Return the name of a user, and anything else as typed."""
        return value.get_username() if isinstance(value, AbstractBaseUser) else value


def named_user(text: str) -> object:
    """Return the only user with this user name, e-mail address or full name, tried in this order."""
    model: Any = get_user_model()
    for condition in _exact(model, text):
        found = list(model._default_manager.filter(condition)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(
                _("Several users have this name or e-mail address. Enter the user name."),
                code="several",
            )
    raise ValidationError(_("No user has this name or e-mail address."), code="unknown-user")


def may_view_users(may: Access) -> bool:
    """Report whether a user may view the site's users."""
    opts: Any = get_user_model()._meta
    return any(
        may.has(f"{opts.app_label}.{get_permission_codename(action, opts)}")
        for action in ("view", "change")
    )


def user_search(request: HttpRequest) -> JsonResponse:
    """Suggest users, if the user may view users and add members."""
    may = access(request)
    if not (may_view_users(may) and may.may("add", TenantMember)):
        raise PermissionDenied
    term = request.GET.get("term", "").strip()
    model: Any = get_user_model()
    users: QuerySet[Any] = model._default_manager.none()
    if term and term.isprintable():
        condition = Q()
        for name in _searched(model):
            condition |= Q(**{f"{name}__icontains": term})
        users = model._default_manager.filter(condition).order_by(model.USERNAME_FIELD)
    return JsonResponse({
        "users": [
            {"name": user.get_username(), "label": _described(user)}
            for user in users[:MAX_SUGGESTED_USERS]
        ]
    })  # fmt: skip


def obstacle_to_logging_in(user: Any) -> str:
    """Return why a user cannot open the admin, blank if they can."""
    if not user.is_active:
        return _("cannot log in: the account is inactive")
    if not getattr(user, "is_staff", False):
        return _("cannot log in to the admin: the account has no staff status")
    return ""


def _exact(model: Any, text: str) -> list[Q]:
    """Return the conditions under which a text names a user, the most certain first."""
    columns = _searched(model)
    found = [Q(**{model.USERNAME_FIELD: text})]
    email = model.get_email_field_name()
    found += [Q(**{f"{name}__iexact": text}) for name in columns if name in {email, *_NAMES[2:]}]
    words = text.split()
    if {"first_name", "last_name"} <= {*columns}:
        for place, _pair in enumerate(pairwise(words), 1):
            first, last = " ".join(words[:place]), " ".join(words[place:])
            found.append(Q(first_name__iexact=first, last_name__iexact=last))
    return found


def _searched(model: Any) -> list[str]:
    """Return the columns of a user model that identify users for people."""
    columns = {field.name for field in model._meta.concrete_fields}
    wanted = (model.USERNAME_FIELD, model.get_email_field_name(), *_NAMES)
    return [*dict.fromkeys(name for name in wanted if name in columns)]


def _described(user: Any) -> str:
    """Return the full name and the e-mail address of a user, if there are any."""
    names = [str(getattr(user, name, "") or "") for name in _searched(type(user))[1:]]
    return " ".join(filter(None, names))
