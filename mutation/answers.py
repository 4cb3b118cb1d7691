"""Ways to break what an answer holds, to preflights too: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

_DECISION = "engine/decision.py"
_RULES = "engine/rules.py"
_HEADERS = "engine/headers.py"
_EVALUATE = "serving/evaluate.py"
_REQUEST = "engine/request.py"
_MIDDLEWARE = "middleware.py"

MUTANTS: Final = [
    # Preflights.
    Mutant(
        "swallow plain OPTIONS",
        _REQUEST,
        "P02",
        'return self.requested_method is not None and self.method == "OPTIONS"',
        'return self.method == "OPTIONS"',
    ),
    Mutant(
        "take any method for a preflight",
        _REQUEST,
        "carries",
        'return self.requested_method is not None and self.method == "OPTIONS"',
        "return self.requested_method is not None",
    ),
    Mutant(
        "refused preflights reach the view",
        _DECISION,
        "V48",
        "refused = preflight or (rule.refuse_unlisted and reason is not",
        "refused = (rule.refuse_unlisted and reason is not",
    ),
    Mutant(
        "refuse every unlisted origin",
        _DECISION,
        "V58",
        "refused = preflight or (rule.refuse_unlisted and reason is not",
        "refused = preflight or (reason is not",
    ),
    Mutant(
        "methods in any case",
        _DECISION,
        "P08",
        'method = request.requested_method or ""',
        'method = (request.requested_method or "").upper()',
    ),
    Mutant(
        "forget that GET, HEAD and POST need no listing",
        _RULES,
        "P09",
        "methods=frozenset(text.methods) | methods.SAFELISTED_METHODS,",
        "methods=frozenset(text.methods),",
    ),
    Mutant(
        "a star covers TRACE",
        _DECISION,
        "P10",
        "is_method(method) and not is_forbidden_method(method)",
        "is_method(method)",
    ),
    Mutant(
        "a star covers authorization",
        _DECISION,
        "P18",
        'if name not in allowed and (not star or (name == "authorization" and rule.echo is None)):',
        "if name not in allowed and not star:",
    ),
    Mutant(
        "requested headers are not looked at",
        _DECISION,
        "P17",
        "    if names is None:\n        return Reason.HEADER_NOT_ALLOWED",
        "    if True:\n        return Reason.ALLOWED",
    ),
    Mutant(
        "requested headers of any length",
        _HEADERS,
        "P16",
        "    if len(value) > MAX_REQUESTED_LENGTH:\n        return None\n",
        "",
    ),
    Mutant(
        "any number of empty elements",
        _HEADERS,
        "P15",
        " or len(elements) - len(names) > MAX_EMPTY_ELEMENTS:",
        ":",
    ),
    Mutant(
        "requested headers with case",
        _HEADERS,
        "P14",
        "value.lower().split(",
        "value.split(",
    ),
    Mutant(
        "preflights answered with 200",
        _DECISION,
        "P05",
        "return pairs, 204",
        "return pairs, 200",
    ),
    Mutant(
        "echo the headers of the actual response on preflights",
        _DECISION,
        "P01",
        "pairs = rule.preflight_credentials if credentials else rule.preflight",
        "pairs = rule.actual_credentials if credentials else rule.actual",
    ),
    Mutant(
        "max-age 0 is not sent",
        _RULES,
        "P20",
        "if text.max_age is not None:",
        "if text.max_age:",
    ),
    # Vary.
    Mutant(
        "forget Vary on refusals",
        _DECISION,
        "V08",
        "vary = rule.preflight_vary if preflight else rule.vary",
        'vary = rule.preflight_vary if preflight else ""',
    ),
    Mutant(
        "forget Vary on refused preflights",
        _DECISION,
        "V48",
        "vary = rule.preflight_vary if preflight else rule.vary",
        "vary = rule.vary",
    ),
    Mutant(
        "forget Vary without an Origin",
        _DECISION,
        "P25",
        'rule.inherited, "", origin, pairs, rule.vary, 0',
        'rule.inherited, "", origin, pairs, "", 0',
    ),
    Mutant(
        "a star varies on Origin",
        _RULES,
        "P20",
        'vary="" if text.any_origin else headers.ORIGIN,',
        "vary=headers.ORIGIN,",
    ),
    Mutant(
        "no star without an Origin",
        _DECISION,
        "P20",
        'origin, pairs = ("*", rule.actual) if rule.any_origin else ("", ())',
        'origin, pairs = "", ()',
    ),
    Mutant(
        "overwrite the view's Vary",
        _MIDDLEWARE,
        "V44",
        "return merge_vary(there, vary) if there and vary else vary",
        "return vary",
    ),
    Mutant(
        "Vary repeats names",
        _MIDDLEWARE,
        "P25",
        "if name.lower() not in known]",
        "if name not in known]",
    ),
    Mutant(
        "the tenant's header is not in Vary",
        _EVALUATE,
        "V46",
        "cache.decide(policy, request, vary)",
        "cache.decide(policy, request)",
    ),
    # What the view set.
    Mutant(
        "leave the view's own headers",
        _MIDDLEWARE,
        "V53",
        "in _INITIALS and name[:2] in _TELLING:",
        "in _INITIALS and name[:2] in _TELLING and decision.allow_origin:",
    ),
    Mutant(
        "leave the view's own headers in another case",
        _MIDDLEWARE,
        "V53",
        "if name.lower().startswith(_AUTHORED)]",
        'if name.startswith("Access-Control-")]',
    ),
    Mutant(
        "expose safelisted names too",
        _RULES,
        "P22",
        "if name.lower() not in headers.SAFELISTED_RESPONSE_HEADERS]",
        "if name]",
    ),
]
