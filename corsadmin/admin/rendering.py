"""Render the app's own pages with the context that every page of an admin site has."""

from collections.abc import Mapping

from django.forms import BaseForm
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.functional import Promise

from corsadmin.admin.focus import focus_form
from corsadmin.admin.policy_model_admin import PolicyModelAdmin


def render(
    modeladmin: PolicyModelAdmin,
    request: HttpRequest,
    template: str,
    title: str | Promise,
    context: Mapping[str, object],
) -> TemplateResponse:
    """Answer with a page of a model. Its links stay on the model admin's site."""
    site = modeladmin.admin_site
    request.current_app = site.name
    shared = {**site.each_context(request), "opts": modeladmin.opts, "title": title}
    form = context.get("form")
    if isinstance(form, BaseForm) and form.is_bound:
        is_asked = bool(context.get("losses")) and ("refused" in context or hasattr(form, "losses"))
        shared |= focus_form(form, is_asked=is_asked)
    return TemplateResponse(request, f"corsadmin/{template}.html", {**shared, **context})
