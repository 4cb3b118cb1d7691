"""Show risks beside the field that causes them, in words and with their severity."""

from collections.abc import Iterable

from django import forms
from django.forms.renderers import BaseRenderer
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from corsadmin.diagnose.lint.risks import Risk, Severity, risks_of
from corsadmin.models import Origin


def risks_beside_refusal(row: Origin) -> list[Risk]:
    """Return the risks of a refused row, except those that the refusal already mentions.

    A danger is refused with its own sentence until somebody accepts it.
    """
    refused = () if row.risk_accepted else (Severity.DANGER,)
    return [risk for risk in risks_of(row) if risk.severity not in refused]


def listed(risks: Iterable[Risk], key: str = "") -> SafeString:
    """Return risks as an HTML list with `key` as its id."""
    items = format_html_join(
        "",
        '<li><span class="corsadmin-state corsadmin-{}">{}</span> {}</li>',
        ((risk.severity, risk.severity.word, risk.sentence) for risk in risks),
    )
    named = format_html(' id="{}"', key) if key else ""
    return format_html('<ul class="corsadmin-risks"{}>{}</ul>', named, items)


class RiskInput(forms.TextInput):
    """A text input with its risks below it."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__({"class": "vTextField", **(attrs or {})})
        self.risks: list[Risk] = []

    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, object] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        if not self.risks:
            return super().render(name, value, attrs, renderer)
        given = dict(attrs or {})
        key = f"{given.get('id', name)}_risks"
        shown = super().render(name, value, {**given, "aria-details": key}, renderer)
        return format_html(
            '<div class="corsadmin-risky">{}{}</div>', shown, listed(self.risks, key)
        )
