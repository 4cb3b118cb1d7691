"""The history page: of everything that the user may see, of a tenant, or of a row."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest

from corsadmin.admin.history.filters import MAX_SEARCHED_VERSIONS, HistoryFilter
from corsadmin.admin.history.lines import logged_changes
from corsadmin.admin.history.reading import (
    MAX_READ_VERSIONS,
    MAX_SHOWN_VERSIONS,
    read_history,
    read_places,
    written_places,
)
from corsadmin.admin.history.versions import ALL_KINDS, Kind, owner_field
from corsadmin.admin.policy_model_admin import PolicyModelAdmin
from corsadmin.admin.returning import BACK, page_without
from corsadmin.models import Tenant
from corsadmin.models.access import access

OLDER = "older"


def scope_of_tenant(key: int) -> dict[Kind, Q]:
    """Return, for each model, the condition for versions of a tenant and of all its rows."""
    return {kind: Q(**{owner_field(kind): key}) for kind in ALL_KINDS}


def scope_of_row(kind: Kind, key: int) -> dict[Kind, Q]:
    """Return the condition for versions of one row."""
    return {kind: Q(id=key)}


def history_page(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    scope: Mapping[Kind, Q] | None = None,
    *,
    tenant: Tenant | None = None,
) -> dict[str, object]:
    """Return the history page's context for a scope, or for all that the user may see."""
    may = access(request)
    without = set() if scope is None and may.may("view", Tenant) else {"tenant"}
    if scope is not None and len(scope) == 1:
        without.add("q")
    form = HistoryFilter(request.GET, access=may, without=frozenset(without))
    page: dict[str, object] = {
        "form": form,
        "tenant": tenant,
        "is_asked": any(request.GET.get(name) for name in form.fields),
        "start": request.path,
    }
    if not form.is_valid():
        return page
    is_one = form.of_one_change
    found = read_history(
        form.choose(dict.fromkeys(ALL_KINDS, Q()) if scope is None else scope),
        read_places(request.GET.get(OLDER, "")),
        skips_rest=not is_one,
    )
    most = MAX_READ_VERSIONS if is_one else MAX_SHOWN_VERSIONS
    older = "" if found.older is None else written_places(found.older)
    return {
        **page,
        "changes": logged_changes(may, modeladmin.admin_site.name, found.changes, most),
        "is_one": is_one,
        "of_row": scope is not None and len(scope) == 1,
        "is_bounded": form.is_bounded,
        "most_searched": MAX_SEARCHED_VERSIONS,
        "newest": page_without(request, OLDER) if OLDER in request.GET else "",
        "older": _with(page_without(request, OLDER), older) if older else "",
        "may_undo": writes_somewhere(request),
        # The page of one change gets no way back: it does not show that the change was undone.
        "back": "" if is_one else urlencode({BACK: request.get_full_path()}),
    }


def writes_somewhere(request: HttpRequest) -> bool:
    """Report whether the user may write any rows at all."""
    may = access(request)
    return any(
        may.may(action, kind) for kind in ALL_KINDS for action in ("add", "change", "delete")
    )


def _with(page: str, older: str) -> str:
    sign = "&" if "?" in page else "?"
    return f"{page}{sign}{OLDER}={older}"
