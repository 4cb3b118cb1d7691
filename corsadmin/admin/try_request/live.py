"""Hand the trial's question over to the page that asks the live server."""

from corsadmin.admin.try_request.asking import question_fields
from corsadmin.diagnose.explain import Question
from corsadmin.models.access import PROBE_SERVERS, Access


def live_question(may: Access, question: Question) -> list[tuple[str, str]]:
    """Return the fields of that page's form, none if the user may not open it."""
    return [*question_fields(question).items()] if may.has(PROBE_SERVERS) else []
