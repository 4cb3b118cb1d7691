"""A preview of a new customer's policy among the stored ones, for users who may view those."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest

from corsadmin.admin.dashboard.review import Review, findings_of
from corsadmin.admin.effective import effective, read_with_platform
from corsadmin.admin.inbox.look_alikes import LookAlike
from corsadmin.admin.new_customer.doubts import doubtful_origins
from corsadmin.admin.new_customer.planning import NO_RULE, TEMPLATES, CustomerPlan
from corsadmin.admin.stored_policies import stored_snapshot
from corsadmin.admin.try_request.asking import question_query
from corsadmin.diagnose.explain import Question
from corsadmin.diagnose.explain.judgment import Judgment, judge_call
from corsadmin.diagnose.mount import script_prefix
from corsadmin.engine import PLATFORM
from corsadmin.messages import REASONS
from corsadmin.models import PathRule, Tenant
from corsadmin.models.access import POLICY, Access, access
from corsadmin.models.database import alias_for_writing
from corsadmin.tenants import finds_by_host


@dataclass(frozen=True, slots=True)
class Outlook:
    """The future policy, its findings, and the response to an example call.

    `example` is None if nothing can be called yet.
    """

    tenant: Tenant
    policy: dict[str, Any]
    review: Review
    doubts: list[tuple[str, LookAlike]]
    example: Judgment | None

    @property
    def reason(self) -> str:
        """Return a sentence that says why the call is blocked, blank if the policy allows it."""
        found = self.example
        if found is None or found.case.decision.allowed:
            return ""
        return str(REASONS[found.case.decision.reason])

    @property
    def query(self) -> str:
        """Return the query that opens *Try a request* with the call, blank without a call."""
        return "" if self.example is None else f"?{question_query(self.example.case.question)}"

    @property
    def told(self) -> list[object]:
        """What a preview shows of it, as plain values."""
        found = self.example
        answer = None
        if found is not None:
            preflight = found.preflight and (found.preflight.status, found.preflight.headers)
            answer = (found.case.question.url, found.console, preflight, found.actual.headers)
        lines = [tuple(line.rule) for line in self.policy["lines"]]
        return [lines, self.policy["origins"], self.review.findings, self.doubts, answer]


def first_choices(may: Access) -> dict[str, object]:
    """Return what an empty form proposes: a path rule, unless the customer inherits one."""
    rules = PathRule.objects.filter(tenant__slug=PLATFORM, enabled=True)
    inherits = may.everywhere("view", PathRule) and rules.exists()
    return {"template": NO_RULE if inherits else TEMPLATES[0]}


def outlook_of(request: HttpRequest, plan: CustomerPlan) -> Outlook | None:
    """Return the outlook of a plan, or None if the user may not view every tenant's policy."""
    may = access(request)
    if not all(may.everywhere("view", kind) for kind in POLICY):
        return None
    own = plan.held()
    *platform, _empty = read_with_platform(own.tenant, with_origins=False)
    held = [*platform, own]
    policy = effective(held)
    rules = [*own.rules, *(line.rule for line in policy["lines"] if not line.idle)]
    inherited = [row.pattern for one in platform for row in one.origins]
    question = plan.example(rules, inherited) if finds_by_host() else None
    return Outlook(
        own.tenant,
        # A new customer has nothing that the change could revoke.
        {**policy, "remembered": None},
        findings_of(may, held, len(own.origins)),
        doubtful_origins([row.pattern for row in plan.origins], inherited),
        None if question is None else _answer(request, plan, question),
    )


def _answer(request: HttpRequest, plan: CustomerPlan, question: Question) -> Judgment:
    """Return the judgment of a call by the stored policies together with the plan."""
    # The project is mounted where this page is.
    prefix = script_prefix(request.META.get("SCRIPT_NAME", ""))
    asked = replace(question, path=f"{prefix}{question.path}", script_prefix=prefix)
    policies = plan.among(stored_snapshot(()))
    return judge_call(asked, policies, using=alias_for_writing(), visible=None)
