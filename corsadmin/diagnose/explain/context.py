"""One request to explain: the question, the decision, and the rows behind it."""

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
    """A call from a page on `origin`. With `credentials`, the call carries cookies.

    `path` is the path that a browser shows. `script_prefix` is where the server mounts the project,
    such as the SCRIPT_NAME of another request; FORCE_SCRIPT_NAME overrides it. `tenant` is the slug
    of the tenant that should get the host if no tenant has it.
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
        """Return the URL that the page calls."""
        return f"{self.scheme}://{self.host}{self.path}"

    def invalid_part(self) -> tuple[str, str] | None:
        """Return the name and the text of the first part that no request could have, or None."""
        if not self.host or "/" in self.host:
            return "host", self.host
        if not self.path.startswith("/"):
            return "path", self.path
        if not is_token(self.method):
            return "method", self.method
        return next((("header", name) for name in self.headers if not is_token(name)), None)

    @property
    def is_same_origin(self) -> bool:
        """Report whether page and address have the same origin, so that CORS does not apply."""
        port = {"http": ":80", "https": ":443"}[self.scheme]
        return self.origin == f"{self.scheme}://{self.host.lower().removesuffix(port)}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question, its decision, and access to the rows behind it.

    `decision` is the preflight's if there is one. `host` is blank if Django refuses it. `path` is
    Django's path_info, `script_prefix` is where the project is mounted, and `is_below_prefix` tells
    whether the address is below it. `now` is in epoch seconds. `visible` holds the primary keys of
    the tenants that may be named, None for all.
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
        """Report whether the server treats the page as the site's own although no browser does."""
        is_own = self.decision.reason is Reason.SAME_ORIGIN
        return is_own and not self.question.is_same_origin

    @property
    def rule(self) -> Rule | None:
        """Return the path rule that decided."""
        return None if self.policy is None else self.policy.rules.find(self.path)

    @property
    def stop_level(self) -> StopLevel | None:
        """Return what an emergency takes away from the tenant now, or None."""
        return None if self.policy is None else level_at(self.policy.stops, self.now)

    @property
    def stops_credentials(self) -> bool:
        """Report whether an emergency withholds the credentials that the rule grants."""
        grants = self.rule is not None and self.rule.credentials
        return grants and self.stop_level is StopLevel.CREDENTIALS

    @property
    def missing_headers(self) -> list[str]:
        """Return the header names that the page needs and the rule does not allow."""
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
        """Return the tenants whose rules and origins count: the request's, and an inherited platform."""
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
