"""Model fields that policies and sightings need."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from corsadmin.engine.headers import spellings
from corsadmin.models.policy_rows import is_list_of_text

if TYPE_CHECKING:
    Descriptor = ForwardManyToOneDescriptor[Any]
    ForeignKey = models.ForeignKey[Any, Any]
    UUIDField = models.UUIDField[Any, Any]
else:
    Descriptor = ForwardManyToOneDescriptor
    ForeignKey = models.ForeignKey
    UUIDField = models.UUIDField

# The stubs type a field by the values that it takes and gives, which differ from field to field.
AnyField: TypeAlias = "models.Field[Any, Any]"


class RequestHeadersField(models.JSONField):
    """A list of request header names, stored once each in lower case, whatever door they come by.

    Any other value than a list of texts stays unchanged.
    """

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
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
    """Return request header names as they are stored; any other value unchanged."""
    return [*spellings(value)] if is_list_of_text(value) else value


class _GoneIsNone(Descriptor):
    """Reads a deleted row as None."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        try:
            return super().__get__(instance, cls)
        except ObjectDoesNotExist:
            return None


class LinkField(ForeignKey):
    """A link to a row that may be deleted: then the link reads as None.

    The link is not a constraint of the database, so no delete, import or restore fails because of
    it, and a row that is restored under its key is linked again.
    """

    forward_related_accessor_class = _GoneIsNone

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **{"db_constraint": False, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        """Return what a migration writes: for the database it is a ForeignKey."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs

    def validate(self, value: object, model_instance: models.Model | None) -> None:
        """Accept every key, because the row may be deleted."""


class DigestField(UUIDField):
    """The primary key of a row that is unique by several columns: their digest.

    A digest serves instead of a unique index because the texts are longer than an index of MariaDB
    may be, must be case-sensitive on every database, and stand beside a tenant that may be null,
    which a unique index never finds equal to another null.
    """

    def __init__(self, *columns: str, **kwargs: Any) -> None:
        self.columns = columns
        super().__init__(**{"primary_key": True, "editable": False, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        """Return what a migration writes: for the database it is a UUIDField."""
        name, _path, _args, kwargs = super().deconstruct()
        return name, "django.db.models.UUIDField", (), kwargs

    def get_pk_value_on_save(self, instance: models.Model) -> UUID:
        """Return the key of a new row."""
        return row_digest(*(getattr(instance, column) for column in self.columns))


def row_digest(*values: str | int | datetime | None) -> UUID:
    """Return the digest of the values of a DigestField's columns, in their order."""
    plain = [value.timestamp() if isinstance(value, datetime) else value for value in values]
    # MariaDB accepts only a UUID with a version; 5 is the version of name-based UUIDs.
    return UUID(bytes=blake2b(json.dumps(plain).encode(), digest_size=16).digest(), version=5)
