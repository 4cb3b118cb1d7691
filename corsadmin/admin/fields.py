"""Form fields, widgets and error lists for the values of policies."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.renderers import BaseRenderer
from django.forms.utils import ErrorList
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from corsadmin.models.fields import AnyField, stored_names
from corsadmin.models.validation import NO_SUCH_YEAR, is_showable


class TokenListInput(forms.TextInput):
    """An input for a list of names."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__({"class": "vTextField", **(attrs or {})})


def typed(value: object) -> object:
    """Return a stored list as it would be typed, and anything else unchanged."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value


# None of these can be part of a name. A colon stays, since it shows that a whole header was pasted.
_SEPARATORS: Final = re.compile(r"[\s,;\\\"()\[\]{}<>\u2022\u2013\u201c\u201d\u201e]+")
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_BETWEEN: Final = frozenset({"&", "and", "oder", "or", "und", "|"})


def split_names(text: str) -> list[str]:
    """Return the names in a text, in order, whatever separates them."""
    names = []
    for piece in _SEPARATORS.split(text):
        is_quoted = len(piece) > 1 and piece[0] == piece[-1] in ("'", "`")
        bare = piece[1:-1] if is_quoted else piece
        names += _piped(bare)
    return [name for name in names if name and name.lower() not in _BETWEEN]


def _piped(name: str) -> list[str]:
    """Split `GET|POST`, `X-A|X-B` and `GET/POST`, but not `text/html` or a name that has a bar."""
    methods = name.split("/")
    if all(method.upper() in _METHODS for method in methods):
        return methods
    parts = name.split("|")
    are_names = any("-" in part or part.upper() in _METHODS for part in parts)
    return parts if are_names else [name]


class TokenListField(forms.CharField):
    """A list of names, typed or pasted with any separator.

    If the input is invalid, the form shows it again as it was typed.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", TokenListInput)
        kwargs.setdefault("help_text", _("Separate names with commas, spaces or other marks."))
        super().__init__(**kwargs)

    def to_python(self, value: object) -> list[str]:  # type: ignore[override]
        return value if isinstance(value, list) else split_names(str(value or ""))

    def prepare_value(self, value: object) -> object:
        return typed(value)

    def has_changed(self, initial: object, data: object) -> bool:
        return not self.disabled and self.to_python(initial) != self.to_python(data)


class HeaderListField(TokenListField):
    """A list of request header names. A difference in case alone is not a change."""

    def has_changed(self, initial: object, data: object) -> bool:
        before, after = (stored_names(self.to_python(value)) for value in (initial, data))
        return not self.disabled and before != after


class MomentField(forms.DateTimeField):
    """A date and time that can be shown in every time zone."""

    def clean(self, value: object) -> datetime | None:
        """Return the moment. Raise ValidationError if some time zone cannot show it."""
        moment: datetime | None = super().clean(value)
        if moment is not None and not is_showable(moment):
            raise ValidationError(NO_SUCH_YEAR, code="moment-out-of-range")
        return moment

    def prepare_value(self, value: object) -> object:
        """Return what the widget shows. A moment that a time zone cannot show appears in UTC."""
        if isinstance(value, datetime) and not is_showable(value):
            return value.replace(tzinfo=None)
        return super().prepare_value(value)


class MomentInput(forms.DateTimeInput):
    """One native input for a date and time. It works without a script."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        # Without step=any, browsers would refuse a stored moment that has seconds.
        super().__init__({"step": "any", "class": "corsadmin-moment", **(attrs or {})})

    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, object] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        offset = datetime.now(timezone.get_current_timezone()).utcoffset() or timedelta()
        minutes = int(offset.total_seconds() // 60)
        # The buttons need admin.js, which reveals them.
        buttons = format_html_join(
            " ",
            '<button type="button" class="corsadmin-{}" data-corsadmin-offset="{}" hidden>{}</button>',
            (("today", minutes, _("Today")), ("now", minutes, _("Now"))),
        )
        return format_html(
            '{} <span class="corsadmin-zone">{} {}</span>',
            super().render(name, value, attrs, renderer),
            timezone.get_current_timezone_name(),
            buttons,
        )

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, datetime):
            return value.isoformat("T", "seconds" if value.second else "minutes")
        return value or None


# The fields of a form for the moments of a model.
MOMENTS: dict[type[AnyField], dict[str, type]] = {
    models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
}


class SuggestingErrors(ErrorList):
    """Errors that offer a suggestion. With admin.js, one click accepts it."""

    def render(self, *_args: object, **_kwargs: object) -> SafeString:
        # Without a template, since the project may render its forms with Jinja.
        if not self.data:
            return mark_safe("")
        items = format_html_join(
            "",
            "<li>{}{}</li>",
            ((text, _offer(error)) for text, error in zip(self, self.as_data(), strict=True)),
        )
        field_id = getattr(self, "field_id", None)
        key = format_html(' id="{}_error"', field_id) if field_id else ""
        return format_html('<ul class="{}"{}>{}</ul>', self.error_class, key, items)

    __str__ = __html__ = as_ul = render


def _offer(error: ValidationError) -> str:
    problem = (error.params or {}).get("problem")
    if problem is None or not problem.suggestion:
        return ""
    return format_html(
        ' <button type="button" class="corsadmin-use" data-corsadmin-value="{}"'
        ' data-corsadmin-instead="{}" hidden>{}</button>',
        problem.suggestion,
        problem.value,
        _("Use %(suggestion)s") % {"suggestion": problem.suggestion},
    )
