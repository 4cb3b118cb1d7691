"""Report how far this process can be trusted, to health probes and to people on call."""

from typing import Final

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from corsadmin.serving.store import State, process_store

# Policy words that a process of an older version may not understand.
WORDS: Final = ("exclusive", "{$}", "label-wildcard", "application-scheme", "echo", "emergency")


@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Respond with 200 while policies are in force (READY or STALE), otherwise with 503.

    It shows only the type of an error, because the text may name hosts and accounts; the log has the
    full text. `words` lists the policy words that this version understands. During a deployment,
    every process must list `exclusive` before a rule may use it.
    """
    process_store.current()  # a probe may be the first request of a process
    found = process_store.health
    answer: dict[str, object] = {
        "state": found.state.name,
        "generation": found.generation,
        "age_seconds": None if found.age is None else round(found.age, 3),
        "last_error": found.last_error.partition(":")[0],
        "words": WORDS,
    }
    return JsonResponse(answer, status=503 if found.state is State.NOT_READY else 200)
