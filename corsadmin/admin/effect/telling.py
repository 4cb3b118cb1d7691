"""Show when a change takes effect, with a link that undoes it."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address, is_list
from corsadmin.admin.effect.sentence import effect_sentence
from corsadmin.admin.effect.taken_away import remembered_seconds
from corsadmin.admin.history.change_number import change_number
from corsadmin.admin.returning import form_address
from corsadmin.models.generation import Change


def tell_effect(request: HttpRequest, site: str, changes: Sequence[Change]) -> None:
    """Report on the next page when changes take effect, and link to the page that undoes each."""
    if not changes:
        return
    remembered = [remembered_seconds(change) for change in changes]
    longest = max((seconds for seconds in remembered if seconds is not None), default=None)
    text = effect_sentence(changes[-1].moment, longest)
    messages.success(request, format_html("{}{}", text, _undo(request, site, changes)))


def _undo(request: HttpRequest, site: str, changes: Sequence[Change]) -> SafeString:
    pages = [address(site, "tenant_undo", change_number(change.moment)) for change in changes]
    if is_list(request):  # an action leads back to its list, and so does its undo
        pages = [page and form_address(page, {}, request.get_full_path()) for page in pages]
    return format_html_join(
        "",
        ' <a class="corsadmin-undo" href="{}">{}</a>',
        ((page, _("Undo")) for page in pages if page),
    )
