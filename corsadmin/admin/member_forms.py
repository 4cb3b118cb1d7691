"""The forms for a tenant's members."""

from typing import ClassVar

from corsadmin.admin.lockout.form import ConfirmedForm
from corsadmin.admin.model_forms import RowForm
from corsadmin.admin.user_field import UserField
from corsadmin.models import TenantMember


class MemberForm(RowForm):
    """A member. `user_search` is the address that suggests users, blank without permission."""

    user_search: ClassVar[str] = ""

    user = UserField()

    class Meta:
        model = TenantMember
        fields = ("tenant", "user", "role")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "user" not in self.fields:
            return  # the page of a member, which keeps its user
        if self.instance.pk:
            self.initial["user"] = self.instance.user
            self.fields["user"].disabled = True
        elif self.user_search:
            shown = {"list": "corsadmin-users", "data-corsadmin-users": self.user_search}
            self.fields["user"].widget.attrs |= shown


class TenantMemberForm(ConfirmedForm, MemberForm):
    """A member on a page of its own."""
