"""Ways to break which rule and which tenant count, and what is remembered: each must be noticed."""

from typing import Final

from mutation.mutant import Mutant

_ENTRIES = "engine/entries.py"
_PATHS = "engine/paths.py"
_SNAPSHOT = "engine/snapshot.py"
_ANSWER = "answer.py"
_PACKING = "engine/packing.py"
_TENANTS = "tenants.py"

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
        _PATHS,
        "V23",
        "        found = self._exact.get(path)",
        "        path = path.lower()\n        found = self._exact.get(path)",
    ),
    Mutant(
        "the wider rule wins",
        _PATHS,
        "V20",
        "for pattern in self._prefixes}, reverse=True)",
        "for pattern in self._prefixes})",
    ),
    Mutant(
        "an exact path covers what is below it",
        _PATHS,
        "V2",
        "            prefixes = self._prefixes\n",
        "            prefixes = {**self._prefixes, **self._exact}\n",
    ),
    Mutant(
        "a star stands for nothing too",
        _PATHS,
        "stands",
        'if segment and "*" in node.below:',
        'if "*" in node.below:',
    ),
    Mutant(
        "the platform's rules win over the tenant's",
        _SNAPSHOT,
        "V25",
        "        rules.update((rule.path, rule) for rule in unpack_rules(head))\n",
        "        rules = {rule.path: rule for rule in unpack_rules(head)} | rules\n",
    ),
    Mutant(
        "every tenant inherits",
        _SNAPSHOT,
        "V25",
        'self.platform if head[0] == "1" else None)',
        "self.platform)",
    ),
    Mutant(
        "an unknown host gets the platform's policy",
        _SNAPSHOT,
        "V26",
        "            return None\n        if packed is",
        "            return self.platform\n        if packed is",
    ),
    Mutant(
        "forwarded hosts without a setting",
        _TENANTS,
        "V26",
        'host = request.META.get("HTTP_HOST", "")\n    policy =',
        'host = request.META.get("HTTP_X_FORWARDED_HOST", request.META.get("HTTP_HOST", ""))\n'
        "    policy =",
    ),
    Mutant(
        "hosts that Django refuses, asked for once",
        _TENANTS,
        "V60",
        "policy.kept else accepted_host.is_below(host)",
        "policy.kept else True",
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
        _ENTRIES,
        "P33",
        "if reason is not Reason.ALLOWED and origin == request.site",
        'if reason is not Reason.ALLOWED and origin == "same"',
    ),
    Mutant(
        "the answer to one origin is remembered for another",
        _ANSWER,
        "order",
        "(policy.slug, rule.path, origin)",
        "(policy.slug, rule.path)",
    ),
    Mutant(
        "the answer of one tenant is remembered for another",
        _ANSWER,
        "order",
        "(policy.slug, rule.path, origin)",
        "(rule.path, origin)",
    ),
    Mutant(
        "the answer for one rule is remembered for another",
        _ANSWER,
        "order",
        "(policy.slug, rule.path, origin)",
        "(policy.slug, origin)",
    ),
    Mutant(
        "the answer to one preflight is remembered for another",
        _ANSWER,
        "order",
        "key += (method, names)",
        "key += (names,)",
    ),
    Mutant(
        "the answer to some headers is remembered for others",
        _ANSWER,
        "order",
        "key += (method, names)",
        "key += (method,)",
    ),
    Mutant(
        "the answer of one moment is remembered for another",
        _ANSWER,
        "order",
        "if policy.timeless and not asked.site:",
        "if not asked.site:",
    ),
    Mutant(
        "the answer on one host is remembered for another",
        _ANSWER,
        "judged_by_the_host",
        "(remembered.allow_origin or not _may_be_own(origin, meta))",
        "True",
        ("tests/serving/test_evaluate.py",),
    ),
    Mutant(
        "an origin is found within a longer one",
        _PACKING,
        "V0",
        '    if line in f"{LINE}{credentials}{LINE}":\n',
        "    if origin in credentials:\n",
    ),
]
