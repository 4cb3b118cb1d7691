"""What the trial hands over to the page that asks the live server the same."""

from corsadmin.diagnose.explain import Question
from corsadmin.diagnose.verdict.calls import ANY_VALUE
from corsadmin.models.access import PROBE_SERVERS, Access


def live_question(may: Access, question: Question) -> list[tuple[str, str]]:
    """Return the fields of that page's form, none for a user who may not open it."""
    if not may.has(PROBE_SERVERS):
        return []
    headers = (
        name if value == ANY_VALUE else f"{name}: {value}"
        for name, value in question.headers.items()
    )
    fields = {
        "url": question.url,
        "origin": question.origin,
        "method": question.method,
        "headers": "\n".join(headers),
        "credentials": "on" if question.credentials else "",
    }
    return [(name, value) for name, value in fields.items() if value]
