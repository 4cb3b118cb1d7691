"""Ways to break which rule and which tenant count, and what is remembered: each must be noticed."""

from typing import Final

from mutation.mutant import Mutant

_MATCHING = "engine/matching.py"
_PATHS = "engine/paths.py"
_PATH_TABLE = "engine/path_table.py"
_CACHE = "serving/decision_cache.py"
_PACKING = "engine/packing.py"
_TENANTS = "tenants.py"
_SERVING = (
    "tests/serving/test_decision_cache.py",
    "tests/serving/test_cache_successor.py",
    "tests/serving/test_equal_decisions.py",
    "tests/conformance",
)
_POLICY_TESTS = ("tests/engine/test_tenant_policy.py",)

MUTANTS: Final = [
    # Paths and tenants.
    Mutant(
        "dot segments below an open path",
        _PATHS,
        "V24",
        'return "/." not in path or not _has_dot_segment(path)',
        "return True",
    ),
    Mutant(
        "paths without case",
        _PATH_TABLE,
        "V23",
        "        if self._exact and (found",
        "        path = path.lower()\n        if self._exact and (found",
    ),
    Mutant(
        "the wider rule wins",
        _PATH_TABLE,
        "V20",
        "prefixes = sorted(filter(_is_prefix, rooted), key=len, reverse=True)",
        "prefixes = sorted(filter(_is_prefix, rooted), key=len)",
    ),
    Mutant(
        "an exact path covers what is below it",
        _PATH_TABLE,
        "V2",
        "        for prefix, length, value in self._prefixes:\n",
        "        exact = [(path, len(path), value) for path, value in self._exact.items()]\n"
        "        for prefix, length, value in (*self._prefixes, *exact):\n",
    ),
    Mutant(
        "a star stands for nothing too",
        _PATH_TABLE,
        "stands",
        'if segment and "*" in node.below:',
        'if "*" in node.below:',
    ),
    Mutant(
        "the platform's rules win over the tenant's",
        _PACKING,
        "V25",
        "    rules.update((rule.path, rule) for rule in unpack_rules(rules_blob))\n",
        "    rules = {rule.path: rule for rule in unpack_rules(rules_blob)} | rules\n",
    ),
    Mutant(
        "every tenant inherits",
        _PACKING,
        "V25",
        'return rules_blob[0] == "1"',
        "return True",
    ),
    Mutant(
        "an unknown host gets the platform's policy",
        _CACHE,
        "V26",
        "return packed and self.platform",
        "return self.platform",
    ),
    Mutant(
        "forwarded hosts without a setting",
        _TENANTS,
        "V26",
        'host: str = request.META.get("HTTP_HOST", "")',
        'host: str = request.META.get("HTTP_X_FORWARDED_HOST", request.META.get("HTTP_HOST", ""))',
    ),
    Mutant(
        "hosts that Django refuses, asked for once",
        _TENANTS,
        "V60",
        "if self.is_below(host) else self._check(request, host)",
        "if host else self._check(request, host)",
        ("tests/test_tenants.py",),
    ),
    Mutant(
        "hosts that Django refuses",
        _TENANTS,
        "R40",
        '        except DisallowedHost:\n            return ""\n',
        "        except DisallowedHost:\n            return plain\n",
    ),
    Mutant(
        "same-origin calls are refused",
        _MATCHING,
        "P33",
        "if reason is not Reason.ALLOWED and request.is_from_own_site",
        "if reason is not Reason.ALLOWED and not request",
    ),
    Mutant(
        "the answer to one origin is remembered for another",
        _CACHE,
        "order",
        "(policy, rule.path, origin)",
        '(policy, rule.path, "")',
        _SERVING,
    ),
    Mutant(
        "the answer of one tenant is remembered for another",
        _CACHE,
        "order",
        "(policy, rule.path, origin)",
        "(self.platform, rule.path, origin)",
        _SERVING,
    ),
    Mutant(
        "the answer for one rule is remembered for another",
        _CACHE,
        "order",
        "(policy, rule.path, origin)",
        '(policy, "", origin)',
        _SERVING,
        marks="slow or not slow",
    ),
    Mutant(
        "the answer to one preflight is remembered for another",
        _CACHE,
        "order",
        "origin, method, names)",
        'origin, "", names)',
        _SERVING,
    ),
    Mutant(
        "the answer to some headers is remembered for others",
        _CACHE,
        "order",
        "origin, method, names)",
        'origin, method, "")',
        _SERVING,
    ),
    Mutant(
        "the answer of one moment is remembered for another",
        _CACHE,
        "order",
        "        if not kept.is_timeless and rule.only_answer is None:\n",
        "        if kept is None:\n",
        _SERVING,
    ),
    Mutant(
        "an emergency is not seen without an Origin",
        _CACHE,
        "emergency",
        "        if policy.stops:\n",
        '        if policy.stops and request.META.get("HTTP_ORIGIN"):\n',
        _SERVING,
    ),
    Mutant(
        "the answer on one host is remembered for another",
        _CACHE,
        "own",
        "(found.allow_origin or not may_be_own(origin, meta))",
        "True",
        _SERVING,
    ),
    Mutant(
        "an origin is found within a longer one",
        _PACKING,
        "V0",
        " and (after == end or text[after] in _EDGES):",
        ":",
    ),
    Mutant(
        "an origin is found at the end of a longer one",
        _PACKING,
        "whole",
        "if (place == 0 or text[place - 1] in _EDGES) and (after",
        "if (after",
        _POLICY_TESTS,
    ),
    Mutant(
        "a longer origin hides the one before it",
        _PACKING,
        "searching",
        "        place = text.rfind(origin, 0, after - 1)\n",
        "        return None\n",
        _POLICY_TESTS,
    ),
    Mutant(
        "every origin that is searched for has credentials",
        _PACKING,
        "whole",
        "return text.find(SECTION, 0, place) != -1",
        "return True",
        _POLICY_TESTS,
    ),
    Mutant(
        "the answer for one rule is remembered for another, without an Origin",
        _CACHE,
        "order",
        "path = None if rule is None else rule.path",
        "path = None",
        _SERVING,
    ),
]
