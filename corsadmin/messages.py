"""What is wrong, in words: one sentence for each problem code of the engine."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from corsadmin.engine import Problem

SENTENCES: Final[dict[str, "str | Promise"]] = {}


def describe(problem: Problem) -> str:
    """Return one sentence about a problem in the active language, with the suggestion if any."""
    sentence = str(SENTENCES.get(problem.code, problem.code)) % {"value": problem.value}
    if problem.suggestion:
        return f"{sentence} " + str(_("Write %(suggestion)s.")) % {"suggestion": problem.suggestion}
    return sentence
