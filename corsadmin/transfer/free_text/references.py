"""Tell links that people only refer to, such as tickets and manuals, from requested origins."""

import re
from typing import Final

# Sites that many people link to and nobody requests as an origin.
_WELL_KNOWN: Final = frozenset({
    "aka.ms", "atlassian.net", "bit.ly", "calendly.com", "developer.mozilla.org",
    "docs.djangoproject.com", "docs.google.com", "drive.google.com", "facebook.com",
    "fetch.spec.whatwg.org", "figma.com", "github.com", "gitlab.com", "goo.gl", "instagram.com",
    "linkedin.com", "medium.com", "meet.google.com", "notion.so", "npmjs.com", "pypi.org",
    "readthedocs.io", "safelinks.protection.outlook.com", "sentry.io", "sharepoint.com",
    "slack.com", "stackoverflow.com", "teams.microsoft.com", "trello.com", "twitter.com",
    "urldefense.com", "urldefense.proofpoint.com", "w3.org", "wikipedia.org", "x.com", "xing.com",
    "youtube.com", "zendesk.com", "zoom.us",
})  # fmt: skip
_PATH: Final = re.compile(
    r"/(?:browse/[A-Z]|wiki/|display/|confluence/|issues?/|tickets?/|pull/|merge_requests/|jira/|"
    r"servicedesk/|helpdesk/|unsubscribe|abmelden)",
    re.IGNORECASE,
)
_NAMES: Final = frozenset({
    "confluence", "helpdesk", "jira", "servicedesk", "ticket", "tickets", "wiki",
})  # fmt: skip
_BEFORE: Final = re.compile(
    r"\b(?:see|cf|ref|siehe|vgl|docs?|documentation|doku\w*|infos?|ticket|screenshot\w*|unsubscribe|"
    r"manual|handbuch|anleitung|guide|howto|article|artikel)(?:\s(?:is|at|unter|on|ist|auch|also|here|hier))?\W*\Z",
    re.IGNORECASE,
)
_MAX_BEFORE: Final = 40


def is_reference(host: str, tail: str, before: str) -> bool:
    """Report whether the text probably only refers to an address, and does not request it.

    `tail` is the text after the host, and `before` the text before the address.
    """
    labels = host.split(".")
    if not _WELL_KNOWN.isdisjoint(".".join(labels[-number:]) for number in (2, 3, 4)):
        return True
    is_page = tail.strip("/") != ""
    is_said = _BEFORE.search(before[-_MAX_BEFORE:]) is not None
    return is_page and (is_said or labels[0] in _NAMES or _PATH.match(tail) is not None)
