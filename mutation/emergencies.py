"""Ways to break the emergency switch: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

_DECISION = "engine/decision.py"

MUTANTS: Final = [
    Mutant(
        "an emergency stops nobody",
        _DECISION,
        "all_lets_nobody_in",
        "if level is StopLevel.ALL and",
        "if level is not None and level is not StopLevel.ALL and",
    ),
    Mutant(
        "credentials go on in an emergency",
        _DECISION,
        "credentials_takes",
        "judged = rule if level is None else replace(rule, credentials=False)",
        "judged = rule",
    ),
    Mutant(
        "preflights reach the view in an emergency",
        _DECISION,
        "all_lets_nobody_in",
        "status = 403 if preflight or (reason is Reason.EMERGENCY",
        "status = 403 if (reason is Reason.EMERGENCY",
    ),
    Mutant(
        "an emergency refuses every origin before the view",
        _DECISION,
        "all_lets_nobody_in",
        "(reason is Reason.EMERGENCY and rule.refuse_unlisted) else 0",
        "(reason is Reason.EMERGENCY) else 0",
    ),
    Mutant(
        "an emergency stops the site's own pages",
        _DECISION,
        "all_lets_nobody_in",
        "elif request.is_from_own_site and not preflight:",
        "elif request.is_from_own_site and preflight:",
    ),
    Mutant(
        "a rule for any origin does not vary in an emergency",
        _DECISION,
        "all_lets_nobody_in",
        "vary = headers.PREFLIGHT_VARY if preflight else headers.ORIGIN",
        "vary = rule.preflight_vary if preflight else rule.vary",
    ),
]
