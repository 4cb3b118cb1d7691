"""The page that replaces an origin, and the links between the pages of both origins."""

from typing import Final

from django.contrib import messages
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from corsadmin.admin.addresses import address
from corsadmin.admin.optimistic_lock.form import StaleSaveError
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.replace_origin.forms import ReplaceForm, obstacle_to_replacing
from corsadmin.admin.returning import address_to_return_to, form_address
from corsadmin.admin.words import field_text, moment_text, path_text
from corsadmin.models import Origin, Tenant
from corsadmin.models.access import Access, access

MAX_SHOWN_REPLACEMENTS: Final = 10


def may_replace(may: Access, entry: Origin) -> bool:
    """Report whether a user may replace an entry, which means to change it and to add another."""
    return all(may.may(action, Origin, entry.tenant) for action in ("add", "change"))


def _title(may: Access, entry: Origin) -> str:
    """Return the page's title, which names the tenant if the user may see it."""
    if not may.sees(entry.tenant, Tenant):
        return _("Replace %(origin)s") % {"origin": entry}
    return _("Replace %(origin)s of %(tenant)s") % {"origin": entry, "tenant": entry.tenant}


def replace_address(site: str, entry: Origin, back: str) -> str:
    """Return the address of the form that replaces an entry, blank if the site has none."""
    page = address(site, "origin_replace", entry.pk)
    return page and form_address(page, {}, back)


def replace_page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, key: str
) -> dict[str, object] | HttpResponseRedirect:
    """Return the page's context, or a redirect once the entry is replaced."""
    if request.method != "POST":
        return _page(modeladmin, request, key)
    with modeladmin.acting(request), modeladmin.one_judgment(request):
        try:
            return _page(modeladmin, request, key, request.POST)
        except StaleSaveError:
            pass  # another save came first: the second run lets the form report the conflict
        return _page(modeladmin, request, key, request.POST)


def _page(
    modeladmin: PolicyModelAdmin, request: HttpRequest, key: str, sent: object = None
) -> dict[str, object] | HttpResponseRedirect:
    entry: Origin | None = modeladmin.get_object(request, key)
    if entry is None:
        raise Http404
    if not may_replace(access(request), entry):
        raise PermissionDenied
    form = ReplaceForm.of(request, entry)(sent)
    back = _back(modeladmin, request)
    if sent is not None and form.is_valid():
        _save(modeladmin, request, form)
        return HttpResponseRedirect(back)
    return {
        "title": _title(access(request), entry),
        "entry": entry,
        "form": form,
        "back": back,
        "media": modeladmin.media + form.media,
        "losses": form.losses,
        "carried_over": _carried_over(entry),
        "obstacle": "" if form.is_bound else obstacle_to_replacing(entry, timezone.now()),
    }


def _save(modeladmin: PolicyModelAdmin, request: HttpRequest, form: ReplaceForm) -> None:
    """Write both entries as one change, and report what was written."""
    old, new = form.replaced, form.instance
    with modeladmin.one_change():
        form.write()
        modeladmin.log_change(request, old, _("Replaced by %(origin)s.") % {"origin": new})
    end = form.end
    if end > timezone.now():
        text = _("The new origin %(new)s replaces %(old)s. Until %(end)s both are valid.")
    else:
        text = _(
            "The new origin %(new)s replaces %(old)s. The old origin has just ended (%(end)s)."
        )
    given = {"new": new, "old": old, "end": moment_text(end)}
    modeladmin.message_user(request, text % given, messages.SUCCESS)
    modeladmin.tell_risks(request, [new])


def _back(modeladmin: PolicyModelAdmin, request: HttpRequest) -> str:
    site = modeladmin.admin_site.name
    return address_to_return_to(request, site) or address(site, "origin_changelist")


def _carried_over(entry: Origin) -> list[tuple[str, str]]:
    """Return the values that the new entry takes over from the old one, in words."""
    values: dict[str, object] = {
        "credentials": entry.credentials,
        "enabled": entry.enabled,
        "scope": path_text(entry.scope),
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "note": entry.note,
    }
    return [
        (str(label_for_field(name, Origin)), text)
        for name, value in values.items()
        if (text := field_text(value))
    ]


def links_of(site: str, entry: Origin) -> dict[str, object]:
    """Return the entry that an entry replaces, and those that replace it, for the entry's page.

    Each comes with the address of its page. Entries that belong to another tenant by now are left
    out.
    """
    old = entry.replaces
    rows = entry.replaced_by.filter(tenant=entry.tenant_id)[:MAX_SHOWN_REPLACEMENTS]
    return {
        "replaces": [
            (row, address(site, "origin_change", row.pk))
            for row in ([] if old is None or old.tenant_id != entry.tenant_id else [old])
        ],
        "replaced_by": [(row, address(site, "origin_change", row.pk)) for row in rows],
    }
