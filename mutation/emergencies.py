"""Ways to break the emergency switch: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

_DECISION = "engine/decision.py"
_ENGINE = "engine/emergencies.py"
_CACHE = "serving/decision_cache.py"
_REMEMBERED = ("tests/serving/test_decision_cache.py", "tests/serving/test_equal_decisions.py")

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
    Mutant(
        "an emergency holds at its very end",
        _ENGINE,
        "clock_ends",
        "or now < stop.until}",
        "or now <= stop.until}",
    ),
    Mutant(
        "of two emergencies the weaker counts",
        _ENGINE,
        "clock_ends",
        "if StopLevel.ALL in levels:",
        "if levels == {StopLevel.ALL}:",
    ),
    Mutant(
        "a level that is not known stops credentials alone",
        _ENGINE,
        "not_known",
        "known = level == StopLevel.CREDENTIALS",
        "known = level != StopLevel.ALL",
    ),
    Mutant(
        "the platform's emergency stops the platform alone",
        "engine/snapshot.py",
        "platforms_stops",
        "names = (slug,) if slug == PLATFORM else (slug, PLATFORM)",
        "names = (slug,)",
    ),
    Mutant(
        "decisions of an emergency are remembered",
        _CACHE,
        "is_remembered",
        "self._kept[policy.calm] = Kept(policy)",
        "self._kept[policy] = Kept(policy)",
        tests=_REMEMBERED,
    ),
    Mutant(
        "an emergency answers as if none was on",
        _CACHE,
        "is_remembered",
        "if level_at(policy.stops, now) is None:",
        "if now:",
        tests=_REMEMBERED,
    ),
    Mutant(
        "what was compiled before an emergency is kept",
        _CACHE,
        "compiled_before_an_emergency",
        "if snapshot.stops != self.snapshot.stops:",
        "if self.snapshot.stops and not snapshot.stops:",
        tests=_REMEMBERED,
    ),
    Mutant(
        "no emergency is loaded",
        "serving/loader/__init__.py",
        "every_reader",
        "builder.index(), counter.mark, stops)",
        "builder.index(), counter.mark)",
        tests=("tests/serving/test_emergencies.py",),
    ),
]
