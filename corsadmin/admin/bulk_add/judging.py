"""Judge each find of a paste: the row that it becomes, or what the user must still decide."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.admin.bulk_add.forms import PasteForm
from corsadmin.admin.collisions import hide_owner
from corsadmin.admin.risks.widgets import risks_beside_refusal
from corsadmin.diagnose.lint.risks import Risk, risks_of
from corsadmin.engine.wildcards import LabelLengths
from corsadmin.messages import describe, printable
from corsadmin.models import Origin, Tenant, TenantHost
from corsadmin.models.access import CANNOT_BE_ADDED
from corsadmin.models.validation import refuse, too_many_lengths, wildcards_in
from corsadmin.transfer.free_text.finds import Doubt, Find, FindKind

RIGHT, LISTED, TWICE, WRONG, OPEN, SKIPPED = "right", "listed", "twice", "wrong", "open", "skipped"
SKIP: Final = "skip"
MAX_SHOWN: Final = 256  # characters of a find's text
_DOUBTS: Final[dict[Doubt, Promise]] = {
    Doubt.DEFANGED: _("It is defanged: written so that nobody can click it."),
    Doubt.WRAPPED: _("A mail filter or a search engine rewrote this link."),
    Doubt.CUT: _("It may be cut off."),
    Doubt.MISSPELLED: _("Its scheme looks misspelled."),
    Doubt.SIGNATURE: _("It is part of a signature."),
    Doubt.REFERENCE: _("It looks like a link to a ticket or to a page that explains something."),
    Doubt.UNWANTED: _("The text seems to ask for its removal."),
}
_WEB: Final = ("https", "http")
_EITHER: Final = _("The text does not say whether this is an origin or an API host.")
_NO_HOSTS: Final = _("This is a host. You do not have permission to add hosts.")
_OWN_HOST: Final = _("This is one of the tenant's hosts. Its own pages need no origin entry.")
_INVISIBLE: Final = _("It contains invisible characters.")


class Option(NamedTuple):
    """One thing that a find can become: the decision, the kind of row and the row's name."""

    decision: str
    what: str
    name: str


@dataclass(frozen=True, slots=True)
class PastedFind:
    """One find, its state and its messages. `row` is what it becomes, or None for nothing yet.

    `first` is the number of an earlier find for the same row, or 0. `correction` is the decision
    that accepts what the text must mean, blank if that is uncertain or nothing needs a correction.
    """

    number: int
    find: Find
    state: str
    messages: list[str]
    options: list[Option]
    row: Origin | TenantHost | None = None
    first: int = 0
    correction: str = ""

    @property
    def text(self) -> str:
        """The find's text in the paste."""
        return self.find.text

    @property
    def written(self) -> str:
        """The find's text in the paste, with invisible characters made visible."""
        return printable(self.find.text[:MAX_SHOWN])

    @property
    def becomes(self) -> str:
        """The origin or host of the row, blank without a row."""
        row = self.row
        return "" if row is None else row.pattern if isinstance(row, Origin) else row.host

    @property
    def is_host(self) -> bool:
        """Report whether the find becomes a host, or would with its correction."""
        if self.row is None:
            return self.find.kind is FindKind.HOST
        return isinstance(self.row, TenantHost)

    @property
    def suggestion(self) -> str:
        """What the correction writes, blank without one."""
        return self.find.value if self.correction else ""

    @property
    def risks(self) -> list[Risk]:
        """Return the risks of the row, unless the tenant has the row already."""
        if not isinstance(self.row, Origin) or self.state not in (RIGHT, WRONG):
            return []
        return risks_beside_refusal(self.row) if self.state == WRONG else risks_of(self.row)


def place_of(decision: str) -> str:
    """Return the place in the text that a decision is about."""
    return decision.partition(" ")[0]


class Judge:
    """Judges what each find of a valid form becomes in a tenant, given some decisions."""

    def __init__(self, form: PasteForm, tenant: Tenant) -> None:
        self._form = form
        self._tenant = tenant
        self._finds = form.finds
        self._may_add_hosts = form.access.may("add", TenantHost, tenant)
        # By key: a tenant that is being added has neither a key nor rows.
        self._origins = Origin.objects.filter(tenant=tenant.pk)
        same_scope = self._origins.filter(scope=form.common["scope"])
        self._listed = {("origin", name) for name in same_scope.values_list("pattern", flat=True)}
        hosts = {*TenantHost.objects.filter(tenant=tenant.pk).values_list("host", flat=True)}
        self._listed |= {("host", name) for name in hosts}
        # “This is one of the tenant's hosts” would reveal hosts that the user may not view.
        sees_hosts = form.access.sees(tenant, TenantHost)
        self._own = {f"{web}://{host}" for host in hosts for web in _WEB} if sees_hosts else set()

    def judged(self, decided: Collection[str]) -> Iterator[PastedFind]:
        """Yield each find with its state."""
        lengths = LabelLengths(wildcards_in(self._origins))
        seen: dict[tuple[str, str], int] = {}
        for number, find in enumerate(self._finds, 1):
            options = self._options(find)
            usual = find.kind.value if find.is_exact and not self._is_own(find) else ""
            what = next((one.what for one in options if one.decision in decided), usual)
            chosen = next((one for one in options if one.what == what), None)
            if chosen is None:
                yield self._undecided(number, find, options)
                continue
            left = [one for one in options if one is not chosen]
            if chosen.what == SKIP:
                yield PastedFind(number, find, SKIPPED, [], left)
                continue
            key = (chosen.what, chosen.name)
            row = self._row(chosen)
            first = seen.get(key, 0)
            state, messages = (TWICE, []) if first else self._check(row, key, lengths)
            if state == RIGHT:
                seen[key] = number
            yield PastedFind(number, find, state, messages, left, row, first)

    def _is_own(self, find: Find) -> bool:
        """Report whether a find is a page on one of the tenant's hosts, so not cross-origin."""
        return find.kind is not FindKind.HOST and find.origin in self._own

    def _options(self, find: Find) -> list[Option]:
        """Return what a find can become. Skipping it is the last option."""
        names = [(FindKind.ORIGIN.value, find.origin)]
        if find.kind is not FindKind.ORIGIN and self._may_add_hosts:
            # The kind that the text suggests comes first.
            place = 0 if find.kind is FindKind.HOST else 1
            names.insert(place, (FindKind.HOST.value, find.host))
        where = f"{find.line}:{find.column}"
        options = [Option(f"{where} {what} {name}", what, name) for what, name in names if name]
        return [*options, Option(f"{where} {SKIP} {find.text[:MAX_SHOWN]}", SKIP, "")]

    def _undecided(self, number: int, find: Find, options: list[Option]) -> PastedFind:
        """Return a find that the text leaves open, with the options for a decision."""
        *offered, _skip = options
        state, messages, correction = OPEN, [], ""
        due = [one.decision for one in offered if one.what == find.kind.value]
        if self._is_own(find):
            messages = [str(_OWN_HOST)]
        elif find.kind is FindKind.EITHER:
            messages = [str(_EITHER)]
        elif find.kind is FindKind.HOST and not self._may_add_hosts:
            messages = [str(_NO_HOSTS)]
        elif find.is_likely or not due:
            state, correction = WRONG, "".join(due)
            messages = [describe(find.problem)] if find.problem else []
        if find.doubt in _DOUBTS:
            messages.append(str(_DOUBTS[find.doubt]))
        if find.has_invisible:
            messages.append(str(_INVISIBLE))
        return PastedFind(number, find, state, messages, offered, correction=correction)

    def _row(self, chosen: Option) -> Origin | TenantHost:
        if chosen.what == FindKind.HOST.value:
            return TenantHost(tenant=self._tenant, host=chosen.name)
        return Origin(tenant=self._tenant, pattern=chosen.name, **self._form.common)

    def _check(
        self, row: Origin | TenantHost, key: tuple[str, str], lengths: LabelLengths
    ) -> tuple[str, list[str]]:
        """Return the state of a row, and messages that say what is wrong with it."""
        access = self._form.access
        if key in self._listed:
            if access.sees(self._tenant, type(row)):
                return LISTED, []
            return WRONG, [str(CANNOT_BE_ADDED[type(row)])]
        try:
            if isinstance(row, TenantHost):
                # Hosts are few, and unique across all tenants, so each one is checked in full.
                row.full_clean(exclude=["tenant"])
            else:
                _check_origin(row, self._form.common, lengths)
        except ValidationError as error:
            hide_owner(access, row, error)
            return WRONG, error.messages
        return RIGHT, []


def _check_origin(row: Origin, common: dict[str, object], lengths: LabelLengths) -> None:
    """Raise ValidationError for an entry that a tenant with these wildcards cannot have."""
    # Checked without its tenant: the gate would count the tenant's wildcards again for every row.
    # The constraints add nothing: the gate covers them, or the comparison with the listed entries.
    alone = Origin(pattern=row.pattern, **common)
    alone.full_clean(exclude=["tenant"], validate_unique=False, validate_constraints=False)
    if not lengths.take(row.pattern):
        refuse([too_many_lengths(row.pattern)])
