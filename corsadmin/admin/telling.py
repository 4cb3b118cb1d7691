"""Report after a change how many rows it wrote, as a success only if there are any."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from corsadmin.admin.policy_model_admin import PolicyModelAdmin

CHANGED: Final = "changed"
COPIED: Final = "copied"
REPLACED: Final = "replaced"
ADDED: Final = "added"
HOSTS_ADDED: Final = "hosts-added"


def tell_count(modeladmin: PolicyModelAdmin, request: HttpRequest, verb: str, count: int) -> None:
    """Report how many rows were changed, copied, overwritten or added."""
    level = messages.SUCCESS if count else messages.WARNING
    modeladmin.message_user(request, _sentence(verb, count), level)


def _sentence(verb: str, count: int) -> str:
    if not count:
        return str(_NONE[verb])
    texts = {
        CHANGED: ngettext("%(count)d row was changed.", "%(count)d rows were changed.", count),
        COPIED: ngettext("%(count)d row was copied.", "%(count)d rows were copied.", count),
        REPLACED: ngettext(
            "%(count)d row was overwritten.", "%(count)d rows were overwritten.", count
        ),
        ADDED: ngettext("%(count)d origin was added.", "%(count)d origins were added.", count),
        HOSTS_ADDED: ngettext("%(count)d host was added.", "%(count)d hosts were added.", count),
    }
    return texts[verb] % {"count": count}


_NONE: Final = {
    CHANGED: _("No row was changed."),
    COPIED: _("No row was copied."),
    ADDED: _("No origin was added."),
    HOSTS_ADDED: _("No host was added."),
}
