"""Why a case cannot be said here: a closed list, and which of its lines the gate itself proves."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """What one word of the list means; `by_the_gate`: each case names a pattern that is refused."""

    text: str
    by_the_gate: bool = False


MEANINGS = {
    "a function decides": Meaning(
        "Code of the site looks at the request. Here [a resolver](../tenants.md) may look at host and "
        "path, for a preflight carries nothing else."
    ),
    "no such pattern": Meaning(
        "A pattern for more than a host's own names: two wildcards, any host, a part of an inner "
        "label. The gate refuses each.",
        by_the_gate=True,
    ),
    "a private range": Meaning(
        "All addresses of a network. The gate refuses each.", by_the_gate=True
    ),
    "null": Meaning("The origin `null` in a list. The gate refuses it.", by_the_gate=True),
    "file": Meaning(
        "The origin `file://`, which has no host. The gate refuses it.", by_the_gate=True
    ),
    "a regular expression": Meaning(
        "One that has no counterpart: without anchors, or for any host. "
        "[Moving in](../moving-in/django-cors-headers.md) says which have one."
    ),
    "lists per origin": Meaning(
        "Methods, headers or ages that differ by origin on one path. A second path or tenant says it."
    ),
    "a regular expression for header names": Meaning("Names are listed, or all are allowed."),
    "a status of one's own": Meaning("Allowed preflights are answered with 204."),
    "preflights for the view": Meaning("The middleware answers every preflight."),
    "Vary of one's own": Meaning("The view adds its names, and they are kept."),
    "private network": Meaning("The header is [not sent](headers.md)."),
    "the peer's own interface": Meaning(
        "How it reads its options, what it refuses to start with, what it logs: nothing that a "
        "request shows."
    ),
}
