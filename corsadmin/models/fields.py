"""Model fields for what policies are made of."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from corsadmin.engine.headers import spellings
from corsadmin.models.policy_rows import is_list_of_text


class RequestHeadersField(models.JSONField):
    """A list of request header names, stored in lower case, each once, by whatever door they come.

    Anything else than a list of texts is left as it is.
    """

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return what a migration writes: for the database it is a JSONField."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> object:  # noqa: FBT001 (Django's)
        """Give the instance what its row will hold, and return that."""
        names = stored_names(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, names)
        return names

    def get_prep_value(self, value: object) -> object:
        """Return what is stored, and what a filter compares with."""
        return stored_names(super().get_prep_value(value))


def stored_names(value: object) -> object:
    """Return request header names as they are stored; anything else as it is."""
    return [*spellings(value)] if is_list_of_text(value) else value
