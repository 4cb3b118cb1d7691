"""The base of all screens for policy rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import router
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from corsadmin.admin.addresses import is_version_page
from corsadmin.admin.changelist.actions import MAX_SHOWN_ROWS, ReasonActionForm, delete_selected
from corsadmin.admin.changelist.bounded import BoundedLists
from corsadmin.admin.effect.telling import tell_effect
from corsadmin.admin.fields import MOMENTS
from corsadmin.admin.focus import focus_change_form
from corsadmin.admin.history.actor import history_actor
from corsadmin.admin.history.differences import name_of
from corsadmin.admin.history.pages import history_page, scope_of_row
from corsadmin.admin.history.versions import visible_versions
from corsadmin.admin.keys import is_key
from corsadmin.admin.lockout.confirm import judge, page_origin, withdraw_answer
from corsadmin.admin.optimistic_lock.conflict import conflict
from corsadmin.admin.optimistic_lock.form import REASON, StaleSaveError
from corsadmin.admin.permissions import tenant_of
from corsadmin.admin.reading import ReadInWords
from corsadmin.admin.rendering import render
from corsadmin.admin.returning import BACK, address_to_return_to
from corsadmin.admin.risks.acceptance import CODE as NO_REASON
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.admin.titled_pages import TitledPages
from corsadmin.admin.user_field import obstacle_to_logging_in
from corsadmin.diagnose.lint.risks import Severity, risks_of
from corsadmin.models import Tenant, TenantMember, generation
from corsadmin.models.access import access
from corsadmin.models.rows import RowVersion, RowVersions
from corsadmin.proposed_change import ProposedChange


class PolicyAdmin(TitledPages, ReadInWords, BoundedLists):
    """A screen for rows of tenants: permissions, reasons in the history, one change per save."""

    # Replaces Django's action of the same name, which does not say who would be locked out.
    actions: Sequence[Callable[..., object]] = (delete_selected,)
    action_form = ReasonActionForm
    formfield_overrides = MOMENTS
    view_on_site = False
    object_history_form_template = "corsadmin/version.html"
    # Fields that cannot be changed once the row exists.
    settled: ClassVar[tuple[str, ...]] = ("tenant",)
    # Relations that are read together with the rows.
    related: ClassVar[tuple[str, ...]] = ("tenant",)

    class Media:
        css: ClassVar = {"all": ["corsadmin/admin.css", "corsadmin/lists.css"]}
        js = ("corsadmin/admin.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        rows: QuerySet[Model] = super().get_queryset(request)
        return rows.select_related(*self.related) if self.related else rows

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, *self.settled)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        given = super().get_changeform_initial_data(request)
        # A link may name the tenant of the new row. An invalid key would crash Django's widget.
        return {name: text for name, text in given.items() if name != "tenant" or is_key(text)}

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: object) -> Any:
        form = super().get_form(request, obj, **kwargs)
        form.access = access(request)
        form.restoring = is_version_page(request)
        form.page_origin = page_origin(request)
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: object, **kwargs: object
    ) -> HttpResponse:
        # Checked before the row is looked up; Django 6.1 checks afterwards.
        if request.method == "POST" and object_id and not self.has_change_permission(request):
            raise PermissionDenied
        with self.acting(request):
            try:
                return super().changeform_view(  # type: ignore[no-any-return]
                    request, object_id, *args, **kwargs
                )
            except StaleSaveError:
                pass  # another save came first: the second run lets the form report the conflict
            return super().changeform_view(  # type: ignore[no-any-return]
                request, object_id, *args, **kwargs
            )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: object, **kwargs: object
    ) -> HttpResponse:
        form = context["adminform"].form
        if form.is_bound:
            context["losses"] = form.losses
            if _lacks_reason(context):
                # A row of an inline needs the reason, so its field on the page says so too.
                form.add_error(REASON, ValidationError(SAY_WHY, code=NO_REASON))
        if form.is_bound and getattr(form, "stale", False):
            context["conflict"] = conflict(access(request), context)
        focus_change_form(context, REASON)
        page = address_to_return_to(request, self.admin_site.name)
        # Django's links to a row's deletion and history carry the address along.
        context["preserved_qsl"] = [(BACK, page)] if page else []
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        with self.one_judgment(request):
            return self._judged_delete_view(request, object_id, extra_context)

    def _judged_delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        rows = self.model._base_manager.filter(pk=getattr(row, "pk", None))
        verdict = judge(request, ProposedChange.from_deletes(rows))
        if request.method == "POST" and verdict.is_open:
            withdraw_answer(request, ())
        context = {"row": row, **verdict.context(), **(extra_context or {})}
        with self.acting(request):
            return super().delete_view(request, object_id, context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and not (
            self.has_change_permission(request) or self.has_delete_permission(request)
        ):
            raise PermissionDenied
        with self.acting(request):
            return super().changelist_view(request, extra_context)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        response: HttpResponse = super().response_delete(request, obj_display, obj_id)
        return self._return(request) or response

    def response_post_save_add(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._return(request) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        return self._return(request) or super().response_post_save_change(request, obj)

    def _return(self, request: HttpRequest) -> HttpResponse | None:
        page = address_to_return_to(request, self.admin_site.name)
        return HttpResponseRedirect(page) if page else None

    def save_model(self, request: HttpRequest, obj: object, form: Any, change: bool) -> None:
        if not form.restoring and change and not form.changed_data:
            return  # saving it would be noise in the history
        with self.one_change():
            form.check_version()
            super().save_model(request, obj, form, change)
        self.tell_risks(request, [obj])

    def save_formset(self, request: HttpRequest, form: object, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        changed = [row for row, _fields in formset.changed_objects]
        self.tell_risks(request, [*formset.new_objects, *changed])

    def tell_risks(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """After a save, warn about the risks of the rows that it put in force."""
        rows = list(rows)
        for member in [row for row in rows if isinstance(row, TenantMember)]:
            obstacle = obstacle_to_logging_in(member.user)
            if obstacle:
                self.message_user(request, f"{member.user}: {obstacle}", messages.WARNING)
        found = [risk for row in rows for risk in risks_of(row) if row.enabled]
        for risk in [risk for risk in found if risk.severity is not Severity.NOTE][:MAX_SHOWN_ROWS]:
            self.message_user(request, risk.graded, messages.WARNING)

    @contextmanager
    def acting(self, request: HttpRequest, reason: str | None = None) -> Iterator[None]:
        """Record the user in the history of all writes inside, then tell them the effect."""
        with history_actor(request, reason), generation.completed_changes() as changes:
            yield
        tell_effect(request, self.admin_site.name, changes)

    def one_change(self) -> AbstractContextManager[object]:
        """Return a context in which all writes count as one change."""
        return generation.change(router.db_for_write(self.model))

    def one_judgment(self, request: HttpRequest) -> AbstractContextManager[object]:
        """Keep other changes out from the judgment of a submitted form until it is carried out."""
        sent = request.method == "POST"
        return generation.undisturbed(router.db_for_write(self.model)) if sent else nullcontext()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        # One change for all the rows, and for the members that are deleted with them.
        with self.one_change():
            super().delete_queryset(request, queryset)

    def get_history_queryset(
        self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: str
    ) -> RowVersions:
        self._check_key(object_id)
        tracked = history_manager.model.tracked_fields
        # Not super()'s queryset: if no foreign key is tracked, it follows all of them.
        rows: RowVersions = history_manager.filter(**{pk_name: object_id}).select_related(
            "history_user", *(field.name for field in tracked if field.many_to_one)
        )
        field = "id" if self.model is Tenant else "tenant_id"
        keys = access(request).keys("view", self.model)
        return rows if keys is None else rows.filter(**{f"{field}__in": keys})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: object = None
    ) -> HttpResponse:
        """Show the history of a row, even of a deleted one."""
        key = unquote(object_id)
        self._check_key(key)
        row = self.get_object(request, key) or self._last_version(request, key)
        if row is None or not self.has_view_permission(request):
            raise Http404
        found = history_page(self, request, scope_of_row(self.model, row.pk))
        title = self.titled(request, gettext("History of %(row)s") % {"row": name_of(row)}, row)
        return render(self, request, "history", title, found)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        self._check_key(version_id)
        rows = self.get_history_queryset(
            request, self.model.history, self.opts.pk.attname, unquote(object_id)
        )
        version = rows.filter(pk=version_id).first()
        if version is None:
            raise Http404
        if request.method == "POST":
            self._check_restore(request, version.instance)
        with self.acting(request), self.one_judgment(request):
            return super().history_form_view(  # type: ignore[no-any-return]
                request, object_id, version_id, *args, **kwargs
            )

    def render_history_view(
        self, request: HttpRequest, template: str, context: dict[str, Any], **kwargs: object
    ) -> HttpResponse:
        # Only the form of a version comes here: `history_view` renders a page of its own.
        context["losses"] = context["adminform"].form.losses
        focus_change_form(context, REASON)
        return super().render_history_view(  # type: ignore[no-any-return]
            request, template, context, **kwargs
        )

    def _last_version(self, request: HttpRequest, key: str) -> RowVersion:
        """Return a row as of the last version that the user may see, or None without one."""
        versions = visible_versions(access(request), self.model)
        version = versions.filter(id=key).order_by("history_id").last()
        return None if version is None else version.instance

    def _check_key(self, text: str) -> None:
        try:
            self.opts.pk.to_python(text)
        except ValidationError as error:
            raise Http404 from error

    def _check_restore(self, request: HttpRequest, row: Any) -> None:
        stored = self.model._base_manager.filter(pk=row.pk).first()
        if stored is None:
            is_allowed = self.has_add_permission(request, row)
        else:
            # The row may belong to another tenant by now.
            is_allowed = all(self.has_change_permission(request, one) for one in (stored, row))
        # A row of a deleted tenant cannot be restored.
        homeless = self.model is not Tenant and not getattr(tenant_of(row), "slug", "")
        if homeless or not is_allowed:
            raise PermissionDenied


def _lacks_reason(context: dict[str, Any]) -> bool:
    """Report whether a row of an inline accepts a risk without a reason."""
    return any(
        error.code == NO_REASON
        for inline in context["inline_admin_formsets"]
        for row in inline.formset.forms
        for found in row.errors.values()
        for error in found.as_data()
    )
