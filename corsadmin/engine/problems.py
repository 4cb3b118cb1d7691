"""What can be wrong with a policy, as data that a caller can translate."""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_SHOWN = 256

CODES: frozenset[str] = frozenset({
    "any-origin-with-credentials",
    "exclusive-with-any-origin",
    "header-colon",
    "header-empty",
    "header-forbidden",
    "header-not-token",
    "header-response-only",
    "header-too-long",
    "header-white-space",
    "host-empty",
    "host-invalid",
    "host-ip-form",
    "host-path",
    "host-port",
    "host-punycode",
    "host-scheme",
    "host-too-long",
    "host-trailing-dot",
    "host-underscore",
    "host-unicode",
    "host-upper-case",
    "host-white-space",
    "host-wildcard",
    "label-wildcards-too-many",
    "list-too-long",
    "max-age-out-of-range",
    "method-empty",
    "method-forbidden",
    "method-lower-case",
    "method-not-token",
    "method-too-long",
    "method-white-space",
    "origin-any",
    "origin-application-host",
    "origin-application-wildcard",
    "origin-backslash",
    "origin-default-port",
    "origin-empty",
    "origin-fragment",
    "origin-host-invalid",
    "origin-host-marks",
    "origin-ip-form",
    "origin-none",
    "origin-null",
    "origin-path",
    "origin-placeholder",
    "origin-port-empty",
    "origin-port-invalid",
    "origin-port-leading-zero",
    "origin-port-wildcard",
    "origin-punycode",
    "origin-query",
    "origin-regex",
    "origin-scheme-invalid",
    "origin-scheme-missing",
    "origin-scheme-opaque",
    "origin-scheme-websocket",
    "origin-scheme-wildcard",
    "origin-several",
    "origin-slashes",
    "origin-too-long",
    "origin-trailing-dot",
    "origin-trailing-slash",
    "origin-unicode-host",
    "origin-upper-case",
    "origin-userinfo",
    "origin-white-space",
    "origin-wildcard-ip",
    "origin-wildcard-part",
    "origin-wildcard-position",
    "path-backslash",
    "path-brace",
    "path-control-character",
    "path-dot-segment",
    "path-empty",
    "path-empty-segment",
    "path-fragment",
    "path-leading-slash-missing",
    "path-percent-encoded",
    "path-query",
    "path-regex",
    "path-too-long",
    "path-url",
    "path-white-space",
    "path-wildcard-position",
    "risk-any-application",
    "risk-plain-http",
    "risk-public-suffix",
    "risk-shared-parent",
    "slug-edge-hyphen",
    "slug-empty",
    "slug-invalid",
    "slug-too-long",
    "slug-upper-case",
    "value-duplicate",
    "value-not-a-list",
    "wildcard-with-credentials",
    "window-order",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what a person wrote; `suggestion` is blank or itself valid.

    `nearest` is like `suggestion`, but lets in more than was written: it is shown, never applied.
    """

    field: str
    code: str
    value: str
    suggestion: str = ""
    nearest: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown problem code: {self.code!r}")
        object.__setattr__(self, "value", self.value[:MAX_SHOWN])


class PolicyError(ValueError):
    """Carries every problem of one thing a person wrote."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "; ".join(
            f"{problem.field}: {problem.code} ({problem.value!r})" for problem in self.problems
        )
