"""The steps of a decision in order: those that passed, those that failed, those not reached."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.judgment import EMERGENCY, Judgment
from corsadmin.engine import PLATFORM, Reason
from corsadmin.messages import REASONS, shown
from corsadmin.tenants import finds_by_host, resolver_name


class DecisionStep(NamedTuple):
    """One step. `ok` is None if the decision did not reach it or it does not matter."""

    name: str
    ok: bool | None
    sentence: str


# For an https page that calls the same host over http, as far as Django can see.
TAKEN_FOR_OWN: Final = gettext_lazy(
    "Django sees http, so it treats the https page on the same host as the site's own and lets the "
    "request through without CORS headers."
)
_WITHOUT_CREDENTIALS: Final = gettext_lazy(
    "An emergency is switched on, so no origin gets credentials."
)


def steps(judgments: Sequence[Judgment]) -> list[DecisionStep]:
    """Return the steps of a call, each judged as if those before it were mended.

    `judgments` are the answers before the first change and after each.
    """
    failures: dict[str, Judgment] = {}
    for judgment in judgments:
        failures.setdefault(judgment.failed_step, judgment)
    found = _mount(judgments[0].case)
    for name in _NAMES:
        if name == EMERGENCY and not any(one.case.stop_level for one in judgments):
            continue  # without an emergency, the step says nothing
        passing = next((one for one in judgments if _passes(one, name)), None)
        if name in failures:
            found.append(_failed(name, failures[name]))
        elif passing is None:
            found.append(DecisionStep(name, None, _("Not reached.")))
        elif name == _CREDENTIALS:
            found.append(_credentials(passing.case, granted=passing.grants_credentials))
        else:
            found.append(DecisionStep(name, ok=True, sentence=_DESCRIBE[name](passing.case)))
    return found


def _passes(judgment: Judgment, name: str) -> bool:
    """Report whether a call passes a step."""
    failed = judgment.failed_step
    return not failed or _NAMES.index(name) < _NAMES.index(failed)


def _failed(name: str, judgment: Judgment) -> DecisionStep:
    if name == _CREDENTIALS:
        return _credentials(judgment.case, granted=False)
    if name == EMERGENCY and judgment.case.decision.allowed:
        return DecisionStep(name, ok=False, sentence=str(_WITHOUT_CREDENTIALS))
    sentence = str(REASONS[judgment.case.decision.reason])
    return DecisionStep(name, ok=False, sentence=sentence)


def _mount(case: Case) -> list[DecisionStep]:
    """Return a step on how Django reads the address, if the project is mounted below a prefix."""
    if not case.script_prefix:
        return []
    facts = {"prefix": shown(case.script_prefix), "path": shown(case.path)}
    if case.is_below_prefix:
        text = _("The project is mounted at %(prefix)s, so rules are compared with %(path)s.")
    else:
        text = _(
            "The project is mounted at %(prefix)s, but this address is not below it, so %(path)s "
            "counts as the path after %(prefix)s."
        )
    return [DecisionStep("path", case.is_below_prefix or None, text % facts)]


def _tenant(case: Case) -> str:
    if finds_by_host():
        facts = {"tenant": case.decision.tenant, "host": shown(case.host)}
        return _("The host %(host)s belongs to the tenant %(tenant)s.") % facts
    resolver = resolver_name().rpartition(".")[2]
    facts = {"tenant": case.decision.tenant, "resolver": resolver}
    return _("%(resolver)s finds the tenant %(tenant)s.") % facts


def _rule(case: Case) -> str:
    owner = PLATFORM if case.decision.inherited else case.decision.tenant
    facts = {"rule": case.decision.rule, "tenant": owner, "path": shown(case.path)}
    found = _("The rule %(rule)s of %(tenant)s is the most specific one for %(path)s.") % facts
    if case.rule is None or not case.rule.exclusive:
        return found
    return " ".join([found, _("It admits only origins scoped to it.")])


def _emergency(_case: Case) -> str:
    return str(_WITHOUT_CREDENTIALS)


def _origin(case: Case) -> str:
    if case.is_taken_for_own:
        return str(TAKEN_FOR_OWN)
    if case.decision.reason is Reason.SAME_ORIGIN or not case.question.origin:
        return str(REASONS[case.decision.reason])
    rule = case.rule
    if rule is not None and rule.any_origin:
        return _("The rule allows any origin.")
    if not case.decision.entry:
        return _("The origin is allowed.")  # a refusal for another reason names no entry
    return _("The entry %(entry)s allows the origin.") % {"entry": case.decision.entry}


def _method(case: Case) -> str:
    method = {"method": shown(case.asked.method)}
    if not case.asked.needs_preflight:
        return _("The browser sends %(method)s without a preflight.") % method
    sentence = _("The browser sends a preflight first, and %(method)s is allowed.") % method
    echo = None if case.rule is None else case.rule.echo
    if echo is None or not echo.echoes_method or case.asked.method in echo.methods:
        return sentence
    return " ".join([sentence, _("The response names it because the preflight requested it.")])


def _headers(case: Case) -> str:
    if not case.asked.unsafe:
        return _("No request header needs permission.")
    sentence = _("Allowed: %(names)s.") % {"names": shown(", ".join(case.asked.unsafe))}
    echo = None if case.rule is None else case.rule.echo
    echoed = () if echo is None else [name for name in case.asked.unsafe if name not in echo.names]
    if not echoed:
        return sentence
    named = _("The response names these because the preflight requested them: %(names)s.") % {
        "names": shown(", ".join(echoed))
    }
    return f"{sentence} {named}"


def _credentials(case: Case, *, granted: bool) -> DecisionStep:
    if granted:
        return DecisionStep(
            "credentials", ok=True, sentence=_("The page may also call with cookies.")
        )
    ok = False if case.question.credentials and case.question.origin else None
    rule = case.rule
    if case.question.is_same_origin or not case.question.origin:
        sentence = _("Nothing to grant: this is not a cross-origin request.")
        ok = None
    elif case.is_taken_for_own:
        sentence = _("Not granted: no entry allows the origin.")
    elif rule is not None and rule.any_origin:
        sentence = _("Not granted: a rule for any origin never grants credentials.")
    elif case.stops_credentials:
        sentence = str(_WITHOUT_CREDENTIALS)
    elif rule is not None and not rule.credentials:
        sentence = _("Not granted: the rule %(rule)s does not grant credentials.") % {
            "rule": rule.path
        }
    else:
        sentence = _("Not granted: the entry %(entry)s does not grant credentials.") % {
            "entry": case.decision.entry
        }
    return DecisionStep("credentials", ok, sentence)


_CREDENTIALS: Final = "credentials"
_DESCRIBE: Final[dict[str, Callable[[Case], str]]] = {
    "tenant": _tenant,
    "rule": _rule,
    EMERGENCY: _emergency,
    "origin": _origin,
    "method": _method,
    "headers": _headers,
}
_NAMES: Final = (*_DESCRIBE, _CREDENTIALS)
