"""Label the cells of the admin's tables, so that narrow screens can show each row as a card."""

import re
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from corsadmin.admin.breakable import breakable

if TYPE_CHECKING:
    from collections.abc import Mapping

register = template.Library()

# The start of a cell in the templates of Django and of themes. Text from people is escaped, so it
# never matches.
_CELL: Final = re.compile(r'<(td|th) +class="(?:field-)?(\w+)')


class LabelledCells(template.Node):
    """The cells of a table, each with the label of its column in `data-label`."""

    def __init__(self, labels: FilterExpression, nodelist: NodeList) -> None:
        self.labels = labels
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        labels: Mapping[str, object] = self.labels.resolve(context)

        def begin(cell: re.Match[str]) -> str:
            tag, name = cell.groups()
            if name not in labels:
                return cell[0]
            label = conditional_escape(capfirst(str(labels[name])))
            return f'<{tag} data-label="{label}"{cell[0].removeprefix(f"<{tag}")}'

        return SafeString(_CELL.sub(begin, self.nodelist.render(context)))


@register.tag
def labelled_cells(parser: Parser, token: Token) -> LabelledCells:
    """Label the cells inside `{% labelled_cells LABELS %}…{% endlabelled_cells %}` by their fields."""
    _tag, labels = token.split_contents()
    nodelist = parser.parse(("endlabelled_cells",))
    parser.delete_first_token()
    return LabelledCells(parser.compile_filter(labels), nodelist)


@register.filter
def column_labels(formset: Any) -> dict[str, object]:
    """Return the labels of the columns of an admin inline, by their fields."""
    labels = {field["name"]: field["label"] for field in formset.fields()}
    return {**labels, "delete": gettext("Delete")}


register.filter("breakable", breakable)
