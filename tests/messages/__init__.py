"""Write what people read, one page per language, for review: `make messages`."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from django.utils import translation

from corsadmin.diagnose.explain.near_misses.sentences import SENTENCES as NEAR_MISSES
from corsadmin.diagnose.lint import FINDINGS, Finding
from corsadmin.diagnose.lint.risks import RISKS, Risk
from corsadmin.diagnose.probe.observations import OBSERVATIONS
from corsadmin.engine.problems import CODES, Problem
from corsadmin.messages import REASONS, describe
from corsadmin.transfer.records.diagnostics import FILE_CODES, fault
from tests.messages.screens import texts, translated

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final = ("de", "en", "es")
# What fills a problem's sentence, by the code or else by its first word.
VALUES: Final = {
    "callers": "acme: This would shut out 1 origin, 12 calls a day, last today.",
    "cannot": "This host cannot be added.",
    "cell-count": "9 cells",
    "cell-error": "#N/A",
    "cell-formula": "=1+1",
    "cell-number": "7",
    "changed": "42",
    "column": "Kunde",
    "date": "01/02/2027",
    "duplicate": "tenants[0]",
    "duplicate-key": "paths",
    "header": "x-token",
    "host": "api.example.com",
    "host-taken": "acme",
    "max": "90000",
    "key": "paths",
    "label": "https://pr-*.acme.dev",
    "method": "PUT",
    "moment": "2027-01-31",
    "not": "change acme",
    "opening": "This gives every website more access.",
    "origin": "https://app.example.com",
    "path": "/api/",
    "risk": "http://app.example.com",
    "sheet": "Origins",
    "slug": "acme",
    "tenant": "acme",
    "value": "GET",
    "text": "the note has 9,000 characters",
    "too": "100",
    "unreadable": "it is empty",
    "version": "2",
    "wrong": "Expected a list, found string",
}
FACTS: Final = {
    "ago": "2 days",
    "entry": "https://*.example.com",
    "from": "2027-01-31",
    "host": "example.com",
    "mended": "https://example.com",
    "name": "x-request-id",
    "path": "/api/orders",
    "port": "8443",
    "prefix": "/app",
    "rule": "/api/orders/",
    "scheme": "https",
    "scope": "/api/",
    "sent": "https://app.example.com",
    "slug": "ACME",
    "tenant": "acme",
    "until": "2027-01-31",
}
ENTRIES: Final = {
    "allowed-host": "www.example.com",
    "allowed-host-port": "example.com:8000",
    "header": "request-id",
    "header-wildcard": "x-*",
    "host": "www.example.com",
    "host-machine": "localhost",
    "host-port": "example.com:8000",
    "method-case": "GET",
    "path": "/api/",
    "script-prefix": "/app/api/",
    "sheet": "Origins",
    "slug": "acme",
    "wider-rule": "/api/",
}
# Where the example that others share would make no sense.
OWN: Final = {
    "entry": ENTRIES,
    "name": {"method": "get", "wider-rule": "PUT"},
    "scope": {"scope-prefix": "/app/api/"},
}
OBSERVED: Final = {
    "allow-origin-invalid": "example.com",
    "allow": "https://app.example.com, https://example.com",
    "cached-answer": "X-Cache: HIT",
    "credentials-value": "True",
    "error-without-headers": "502",
    "origin": "https://stranger.example",
    "preflight-redirect": "https://example.com/login",
    "preflight-status": "401",
    "vary-missing": "without Origin",
    "wildcard-credentials": "Access-Control-Allow-Headers",
}
DETAILS: Final = {
    "admin": "/admin/",
    "does": "The path is empty.",
    "emergency-forgotten": "2027-01-31",
    "emergency-level-unknown": "cookies",
    "exclusive-reopened": "/api/",
    "expired": "2027-01-31",
    "overlap-ended": "This origin ended at 2027-01-31: https://new.example.com replaced it.",
    "overlap-ends": "This origin ends at 2027-01-31: https://new.example.com replaces it.",
    "redundant": "platform: https://*.example.com",
    "script-prefix": "/app",
    "script": "/app",
}


def page(language: str) -> str:
    """Return the page of one language."""
    with translation.override(language):
        return "\n".join(_lines())


def write(folder: Path = FOLDER) -> None:
    """Write the page of each language into a folder."""
    for language in LANGUAGES:
        (folder / f"{language}.txt").write_text(page(language), encoding="utf-8")


def _lines() -> Iterator[str]:
    for title, sentences in SECTIONS.items():
        yield title
        yield from (f"  {sentence}".rstrip() for sentence in sentences())
    yield ""


def _problems() -> Iterator[str]:
    for code in sorted(CODES):
        yield f"{code}: {describe(Problem('field', code, _example(VALUES, code)))}"
    yield f"with a suggestion: {describe(Problem('field', 'method-lower-case', 'put', 'PUT'))}"


def _file_problems() -> Iterator[str]:
    for code in sorted(FILE_CODES):
        yield f"{code}: {fault('', code, _example(VALUES, code)).sentence}"


def _reasons() -> Iterator[str]:
    yield from (f"{reason}: {sentence}" for reason, sentence in REASONS.items())


def _near_misses() -> Iterator[str]:
    for code, sentence in NEAR_MISSES.items():
        facts = {name: _example(examples, code) for name, examples in OWN.items()}
        given = {key: value for key, value in facts.items() if value}
        yield f"{code}: {str(sentence) % (FACTS | given)}"


def _observations() -> Iterator[str]:
    for code, sentence in OBSERVATIONS.items():
        yield f"{code}: {str(sentence) % {'value': _example(OBSERVED, code)}}"


def _risks() -> Iterator[str]:
    yield from (f"{code}: {Risk(code, VALUES['origin']).graded}" for code in RISKS)


def _findings() -> Iterator[str]:
    for code in FINDINGS:
        found = Finding("acme", "rule", "/api/", code, _example(DETAILS, code))
        yield f"{code}: {found.word}: {found.message}"


def _screens() -> Iterator[str]:
    for code in sorted(texts()):
        yield from (f"{code}: {text}" for text in translated(code))


SECTIONS: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "Problems": _problems,
    "Problems of files": _file_problems,
    "Reasons": _reasons,
    "Near misses": _near_misses,
    "Observations": _observations,
    "Risks": _risks,
    "Findings": _findings,
    "Screens and commands": _screens,
}


def _example(examples: dict[str, str], code: str) -> str:
    return examples.get(code) or examples.get(code.split("-", maxsplit=1)[0], "")
