"""The methods and headers that well-known clients need, each with the page that documents it.

A preset fills the lists of a path rule when a person chooses it. Decisions do not use presets.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A header that is not safelisted needs permission, such as a Content-Type of JSON.
_SAFELISTED: Final = "https://fetch.spec.whatwg.org/#cors-safelisted-request-header"
_METHODS: Final = "https://www.rfc-editor.org/rfc/rfc9110#section-9.3"
_LOCATION: Final = "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.2"
_PATCH: Final = "https://www.rfc-editor.org/rfc/rfc5789"
_DRF: Final = "https://www.django-rest-framework.org/api-guide/authentication/"
_DRF_ERRORS: Final = (
    "https://github.com/encode/django-rest-framework/blob/main/rest_framework/views.py"
)
_DJANGO_CSRF: Final = "https://docs.djangoproject.com/en/stable/howto/csrf/"
_TRACE_CONTEXT: Final = "https://www.w3.org/TR/trace-context/"
_BAGGAGE: Final = "https://www.w3.org/TR/baggage/"
_SENTRY: Final = (
    "https://docs.sentry.io/platforms/javascript/tracing/distributed-tracing/"
    "dealing-with-cors-issues/"
)
_DATADOG: Final = (
    "https://docs.datadoghq.com/real_user_monitoring/correlate_with_other_telemetry/apm/"
)
_B3: Final = "https://github.com/openzipkin/b3-propagation"
_MCP: Final = "https://modelcontextprotocol.io/specification/2025-11-25/basic/transports"
_MCP_AUTHORIZATION: Final = (
    "https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization"
)
_MCP_2026: Final = (
    "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http"
)
_TUS: Final = "https://tus.io/protocols/resumable-upload"
_GRPC_WEB: Final = "https://connectrpc.com/docs/cors/"
_DPOP: Final = "https://www.rfc-editor.org/rfc/rfc9449"


class Preset(NamedTuple):
    """What one kind of client needs: names, each with the URL of the page that documents it."""

    title: str | Promise
    methods: Mapping[str, str]
    request_headers: Mapping[str, str]
    exposed_headers: Mapping[str, str]
    note: str | Promise = ""

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """Return the names for each field of a path rule."""
        return {
            "methods": tuple(self.methods),
            "request_headers": tuple(self.request_headers),
            "exposed_headers": tuple(self.exposed_headers),
        }

    @property
    def sources(self) -> list[str]:
        """Return the pages that document its names, each once."""
        tables = (self.methods, self.request_headers, self.exposed_headers)
        return list(dict.fromkeys(page for table in tables for page in table.values()))


def _from(page: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), page)


_ALL_METHODS: Final = {
    **_from(_METHODS, "GET HEAD POST PUT"),
    **_from(_PATCH, "PATCH"),
    **_from(_METHODS, "DELETE"),
}
_CONTENT_TYPE: Final = _from(_SAFELISTED, "content-type")
_RETRY: Final = _from(_DRF_ERRORS, "retry-after")

PRESETS: Final[Mapping[str, Preset]] = {
    "json-api": Preset(
        title="JSON API",
        methods=_ALL_METHODS,
        request_headers=_CONTENT_TYPE,
        exposed_headers=_from(_LOCATION, "location"),
    ),
    "drf-token": Preset(
        title=_("Django REST framework with tokens"),
        methods=_ALL_METHODS,
        request_headers={**_from(_DRF, "authorization"), **_CONTENT_TYPE},
        exposed_headers={**_RETRY, **_from(_DRF_ERRORS, "www-authenticate")},
    ),
    "drf-session": Preset(
        title=_("Django REST framework with sessions"),
        methods=_ALL_METHODS,
        request_headers={**_CONTENT_TYPE, **_from(_DJANGO_CSRF, "x-csrftoken")},
        exposed_headers=_RETRY,
        note=_("Grant credentials too, on the path rule and on the origin: sessions are cookies."),
    ),
    "trace-context": Preset(
        title=_("Tracing: W3C Trace Context"),
        methods={},
        request_headers={
            **_from(_TRACE_CONTEXT, "traceparent tracestate"),
            **_from(_BAGGAGE, "baggage"),
        },
        exposed_headers={},
        note=_("OpenTelemetry sends these."),
    ),
    "sentry": Preset(
        title=_("Tracing: Sentry"),
        methods={},
        request_headers=_from(_SENTRY, "sentry-trace baggage"),
        exposed_headers={},
        note=_("With propagateTraceparent, also choose the preset for W3C Trace Context."),
    ),
    "datadog": Preset(
        title=_("Tracing: Datadog"),
        methods={},
        request_headers={
            **_from(
                _DATADOG,
                "x-datadog-trace-id x-datadog-parent-id x-datadog-origin "
                "x-datadog-sampling-priority",
            ),
            **_from(_TRACE_CONTEXT, "traceparent tracestate"),
        },
        exposed_headers={},
        note=_("The browser SDK sends both Datadog and W3C headers by default."),
    ),
    "b3": Preset(
        title=_("Tracing: B3 (Zipkin)"),
        methods={},
        request_headers=_from(
            _B3, "b3 x-b3-traceid x-b3-spanid x-b3-parentspanid x-b3-sampled x-b3-flags"
        ),
        exposed_headers={},
    ),
    "mcp": Preset(
        title="MCP",
        methods=_from(_MCP, "GET POST DELETE"),
        request_headers={
            **_from(_MCP_AUTHORIZATION, "authorization"),
            **_CONTENT_TYPE,
            **_from(_MCP, "last-event-id mcp-protocol-version mcp-session-id"),
            **_from(_MCP_2026, "mcp-method mcp-name"),
        },
        exposed_headers={
            **_from(_MCP, "mcp-session-id"),
            **_from(_MCP_AUTHORIZATION, "www-authenticate"),
        },
        note=_("Add an Mcp-Param-… header by its full name if one of your tools needs it."),
    ),
    "tus": Preset(
        title=_("tus (resumable uploads)"),
        methods=_from(_TUS, "HEAD POST PATCH DELETE"),
        request_headers={
            **_from(_TUS, "content-type tus-resumable upload-checksum upload-concat"),
            **_from(_TUS, "upload-defer-length upload-length upload-metadata upload-offset"),
        },
        exposed_headers={
            **_from(_TUS, "location tus-checksum-algorithm tus-extension tus-max-size"),
            **_from(_TUS, "tus-resumable tus-version upload-concat upload-defer-length"),
            **_from(_TUS, "upload-expires upload-length upload-metadata upload-offset"),
        },
    ),
    "grpc-web": Preset(
        title="gRPC-Web",
        methods=_from(_GRPC_WEB, "POST"),
        request_headers=_from(_GRPC_WEB, "content-type grpc-timeout x-grpc-web x-user-agent"),
        exposed_headers=_from(_GRPC_WEB, "grpc-message grpc-status grpc-status-details-bin"),
    ),
    "dpop": Preset(
        title="DPoP",
        methods={},
        request_headers={
            **_from(f"{_DPOP}#section-7.1", "authorization"),
            **_from(f"{_DPOP}#section-4.1", "dpop"),
        },
        exposed_headers={
            **_from(f"{_DPOP}#section-9", "dpop-nonce"),
            **_from(f"{_DPOP}#section-7.1", "www-authenticate"),
        },
    ),
}
# Names that many clients send. On their own they suggest only the plainest presets.
_COMMON: Final = frozenset({"authorization", "content-type", "last-event-id"})
_PLAIN: Final = frozenset({"json-api", "drf-token"})


def suggested_presets(
    refused: Sequence[str], asked: Collection[str]
) -> list[tuple[Preset, list[str]]]:
    """Return the presets that contain refused request headers, each with the ones it contains.

    The preset with the most `refused` names comes first; of several, the one with the most `asked`
    names, then the shortest. Each refused name is listed once. All names are in lower case.
    """

    def fit(key: str) -> tuple[int, int, int]:
        names = PRESETS[key].request_headers
        return len(fitting[key]), len(names.keys() & set(asked)), -len(names)

    found: list[tuple[Preset, list[str]]] = []
    left = list(refused)
    while fitting := {key: held for key in PRESETS if (held := _held(key, left))}:
        best = max(fitting, key=fit)
        found.append((PRESETS[best], fitting[best]))
        left = [name for name in left if name not in fitting[best]]
    return found


def _held(key: str, refused: Sequence[str]) -> list[str]:
    """Return the refused names that point to a preset."""
    held = [name for name in refused if name in PRESETS[key].request_headers]
    return held if key in _PLAIN or not _COMMON.issuperset(held) else []
