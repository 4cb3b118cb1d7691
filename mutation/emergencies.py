"""Ways to break the emergency switch: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

_DECISION = "engine/decision.py"
_ENGINE = "engine/emergencies.py"
_CACHE = "serving/decision_cache.py"
_PURE = ("tests/engine/test_emergencies.py",)
_LOADED = ("tests/serving/test_emergencies.py",)
_REMEMBERED = ("tests/serving/test_equal_decisions.py", "tests/conformance/test_emergencies.py")

MUTANTS: Final = [
    Mutant(
        "an emergency stops nobody",
        _DECISION,
        "all_lets_nobody_in",
        "if level is StopLevel.ALL:",
        "if level is not None and level is not StopLevel.ALL:",
        tests=_PURE,
    ),
    Mutant(
        "credentials go on in an emergency",
        _DECISION,
        "credentials_takes",
        "judged = rule if level is None else replace(rule, credentials=False)",
        "judged = rule",
        tests=_PURE,
    ),
    Mutant(
        "preflights reach the view in an emergency",
        _DECISION,
        "all_lets_nobody_in",
        "status = 403 if preflight or (reason is Reason.EMERGENCY",
        "status = 403 if (reason is Reason.EMERGENCY",
        tests=_PURE,
    ),
    Mutant(
        "an emergency refuses every origin before the view",
        _DECISION,
        "all_lets_nobody_in",
        "(reason is Reason.EMERGENCY and rule.refuse_unlisted) else 0",
        "(reason is Reason.EMERGENCY) else 0",
        tests=_PURE,
    ),
    Mutant(
        "an emergency stops the site's own pages",
        _DECISION,
        "all_lets_nobody_in",
        "elif request.is_from_own_site and not preflight:",
        "elif request.is_from_own_site and preflight:",
        tests=_PURE,
    ),
    Mutant(
        "a rule for any origin does not vary in an emergency",
        _DECISION,
        "all_lets_nobody_in",
        "vary = headers.PREFLIGHT_VARY if preflight else headers.ORIGIN",
        "vary = rule.preflight_vary if preflight else rule.vary",
        tests=_PURE,
    ),
    Mutant(
        "an emergency holds at its very end",
        _ENGINE,
        "clock_ends",
        "or now < stop.until}",
        "or now <= stop.until}",
        tests=_PURE,
    ),
    Mutant(
        "of two emergencies the weaker counts",
        _ENGINE,
        "clock_ends",
        "if StopLevel.ALL in levels:",
        "if levels == {StopLevel.ALL}:",
        tests=_PURE,
    ),
    Mutant(
        "a level that is not known stops credentials alone",
        _ENGINE,
        "not_known",
        "known = level == StopLevel.CREDENTIALS",
        "known = level != StopLevel.ALL",
        tests=_PURE,
    ),
    Mutant(
        "the platform's emergency stops the platform alone",
        "engine/snapshot.py",
        "platforms_stops",
        "names = (slug,) if slug == PLATFORM else (slug, PLATFORM)",
        "names = (slug,)",
        tests=_PURE,
    ),
    Mutant(
        "remember decisions of an emergency",
        _CACHE,
        "remembering or clock",
        "self._kept[policy.calm] = _is_timeless(policy)",
        "self._kept[policy] = _is_timeless(policy)",
        tests=_REMEMBERED,
    ),
    Mutant(
        "answer as if no emergency was on",
        _CACHE,
        "remembering or clock",
        "if policy.stops and level_at(policy.stops, now) is None:",
        "if policy.stops:",
        tests=_REMEMBERED,
    ),
    Mutant(
        "keep what was compiled before an emergency",
        _CACHE,
        "remembering or takes_away",
        "if snapshot.stops != self.snapshot.stops:",
        "if self.snapshot.stops and not snapshot.stops:",
        tests=_REMEMBERED,
    ),
    Mutant(
        "load no emergencies",
        "serving/loader/__init__.py",
        "every_reader",
        "builder.index(), counter.mark, stops)",
        "builder.index(), counter.mark)",
        tests=_LOADED,
    ),
]
