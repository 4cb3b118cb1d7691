"""One request under the lens: what was asked, what was decided, and the rows behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from corsadmin.engine import PLATFORM, Decision, Reason, TenantPolicy
from corsadmin.engine.browser import FetchRequest
from corsadmin.engine.emergencies import StopLevel, level_at
from corsadmin.engine.headers import is_token
from corsadmin.engine.rules import Rule
from corsadmin.models import Tenant
from corsadmin.models.policy_rows import OriginRow, RuleRow
from corsadmin.models.tenant_rows import ALL, NONE, TenantRows, read_tenant_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call that a page on `origin` makes. `credentials` says that it asks with cookies.

    `path` is the one that a browser shows. `script_prefix` is where the server mounts the project,
    as SCRIPT_NAME says of another request; FORCE_SCRIPT_NAME replaces it. `tenant` is the slug of
    the tenant that the host is to belong to where no tenant has it.
    """

    host: str
    path: str
    origin: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    scheme: str = "https"
    credentials: bool = False
    script_prefix: str = ""
    tenant: str = ""

    @property
    def url(self) -> str:
        """Return the address the page calls."""
        return f"{self.scheme}://{self.host}{self.path}"

    def invalid_part(self) -> tuple[str, str] | None:
        """Return the name and the text of a part that no request could have, or None."""
        if not self.host or "/" in self.host:
            return "host", self.host
        if not self.path.startswith("/"):
            return "path", self.path
        if not is_token(self.method):
            return "method", self.method
        return next((("header", name) for name in self.headers if not is_token(name)), None)

    @property
    def is_same_origin(self) -> bool:
        """Report whether page and address have one origin, so that CORS does not come in."""
        port = {"http": ":80", "https": ":443"}[self.scheme]
        return self.origin == f"{self.scheme}://{self.host.lower().removesuffix(port)}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question, its decision and where to look for more.

    `decision` is the preflight's where there is one. `host` is blank where Django refuses it, `path`
    is Django's path_info, `script_prefix` where the project is mounted, and `is_below_prefix` says
    whether the address is below that. `visible` holds the primary keys of the tenants that may be
    named, None for all.
    """

    question: Question
    asked: FetchRequest
    decision: Decision
    policy: TenantPolicy | None
    host: str
    path: str
    script_prefix: str
    is_below_prefix: bool
    now: float
    using: str
    visible: frozenset[int] | None

    @property
    def is_taken_for_own(self) -> bool:
        """Report whether only the server takes the page for the site's own, and no browser does."""
        is_own = self.decision.reason is Reason.SAME_ORIGIN
        return is_own and not self.question.is_same_origin

    @property
    def rule(self) -> Rule | None:
        """Return the path rule that decided."""
        return None if self.policy is None else self.policy.rules.find(self.path)

    @property
    def stop_level(self) -> StopLevel | None:
        """Return what an emergency takes away from the tenant now, None for nothing."""
        return None if self.policy is None else level_at(self.policy.stops, self.now)

    @property
    def stops_credentials(self) -> bool:
        """Report whether an emergency keeps the credentials back that the rule grants."""
        grants = self.rule is not None and self.rule.credentials
        return grants and self.stop_level is StopLevel.CREDENTIALS

    @property
    def missing_headers(self) -> list[str]:
        """Return the header names the page needs and the rule does not allow."""
        rule = self.rule
        allowed: frozenset[str] = frozenset() if rule is None else rule.request_headers
        star = "*" in allowed
        echoes = rule is not None and rule.echo is not None
        return [
            name
            for name in self.asked.unsafe
            if name not in allowed and (not star or (name == "authorization" and not echoes))
        ]

    @cached_property
    def tenant(self) -> Tenant | None:
        """Return the row of the request's tenant."""
        return Tenant.objects.using(self.using).filter(slug=self.decision.tenant).first()

    @cached_property
    def owners(self) -> list[Tenant]:
        """Return the tenants whose rules and origins count: its own and perhaps the platform."""
        slugs = [self.decision.tenant]
        if self.tenant is not None and self.tenant.inherits_platform:
            slugs.append(PLATFORM)
        return [*Tenant.objects.using(self.using).filter(slug__in=slugs).order_by("slug")]

    def entries(self, which: Q = ALL) -> Iterator[tuple[Tenant, OriginRow]]:
        """Yield origin entries of the owners, disabled ones too, each after its owner."""
        for held in self._read(origins=which):
            for row in held.origins:
                yield held.tenant, row

    def held_rules(self, which: Q = ALL) -> Iterator[tuple[Tenant, RuleRow]]:
        """Yield path rules of the owners, disabled ones too, each after its owner."""
        for held in self._read(rules=which):
            for row in held.rules:
                yield held.tenant, row

    def may_name(self, tenant: Tenant) -> bool:
        """Report whether a tenant other than the request's own may be named."""
        return self.visible is None or tenant.pk in self.visible

    def _read(self, *, rules: Q = NONE, origins: Q = NONE) -> Iterator[TenantRows]:
        yield from read_tenant_rows(
            self.owners, self.using, hosts=NONE, rules=rules, origins=origins
        )
