"""The questions that a page's form asks: whom the change locks out, lets in or breaks."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.forms.formsets import DELETION_FIELD_NAME

from corsadmin.admin.lockout.question import CODE
from corsadmin.admin.lockout.seen import CODE as SEEN
from corsadmin.admin.lockout.seen import SAY_WHY_SEEN
from corsadmin.admin.lockout.verdict import ChangeVerdict, Confirmation
from corsadmin.admin.optimistic_lock.form import REASON, PageForm
from corsadmin.admin.risks.acceptance import CODE as NO_REASON
from corsadmin.admin.risks.acceptance import SAY_WHY
from corsadmin.admin.risks.widening import CODE as WIDENS
from corsadmin.models import generation
from corsadmin.models.access import Access
from corsadmin.proposed_change import ProposedChange
from corsadmin.proposed_change.consequences import find_consequences


class ConfirmedForm(PageForm):
    """A page's form. The admin sets `access` and `page_origin` to those of its user.

    `formsets` are the formsets of the same page. Each adds itself when it is constructed.
    """

    access: ClassVar[Access]
    page_origin: ClassVar[str] = ""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.losses: list[str] = []
        # A page's formsets are made after its form, and share its instance.
        self.instance.formsets = self.formsets = list[BaseInlineFormSet]()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        # Errors come before questions.
        if self._writes() and not self.errors and all(rows.is_valid() for rows in self.formsets):
            # Until the page is saved, nobody else may change what the question compares.
            generation.hold()
            self._ask(self._proposed_change())

    def _writes(self) -> bool:
        changes = self.has_changed() or any(rows.has_changed() for rows in self.formsets)
        return changes or self.restoring or self.instance.pk is None

    def _proposed_change(self) -> ProposedChange:
        sent = [row for rows in self.formsets for row in rows.forms if row.has_changed()]
        return ProposedChange.from_rows(
            [
                self.instance,
                *(row.instance for row in sent if not row.cleaned_data.get(DELETION_FIELD_NAME)),
            ],
            [
                row.instance
                for rows in self.formsets
                for row in rows.deleted_forms
                if row.instance.pk
            ],
            only_tenant=self.instance.pk if self.formsets else None,
        )

    def _ask(self, change: ProposedChange) -> None:
        found = find_consequences(change, self.page_origin)
        said = Confirmation.sent(self.data)
        verdict = ChangeVerdict.on(self.access, found, said, of=self.instance)
        self._ask_about_answers(verdict)
        if verdict.is_unconfirmed:
            self.losses = verdict.losses
        for text in self.losses:
            self.add_error(None, ValidationError(text, code=CODE))

    def _ask_about_answers(self, verdict: ChangeVerdict) -> None:
        """Require a permission or a reason for what the change opens, breaks or lets in."""
        widening, impact = verdict.widening, verdict.impact
        if widening.is_refused:
            code = "not-permitted" if widening.is_forbidden else WIDENS
            for text in widening.warnings:
                self.add_error(None, ValidationError(text, code=code))
        for text in impact.sentences if impact.is_unexplained else ():
            self.add_error(None, ValidationError(text, code=SEEN))
        if widening.is_unexplained or impact.is_unexplained:
            why = SAY_WHY if widening.is_unexplained else SAY_WHY_SEEN
            self.add_error(REASON, ValidationError(why, code=NO_REASON))
