"""The stored policies and sightings, and nothing about how a request is answered."""

from corsadmin.models.counter import Generation, Move
from corsadmin.models.emergencies import Emergency
from corsadmin.models.policies import (
    MAX_PATH_LENGTH,
    PLAIN_HTTP,
    WILDCARD,
    Origin,
    PathRule,
    default_methods,
    default_request_headers,
)
from corsadmin.models.probe_runs import ProbeRun
from corsadmin.models.rows import History, PolicyRow
from corsadmin.models.sightings import (
    Dismissal,
    EntrySeen,
    RuleNames,
    Sighting,
    Traffic,
    UnknownHost,
    Unseen,
    UpkeepTurn,
)
from corsadmin.models.tenants import Tenant, TenantHost, TenantMember

__all__ = [
    "MAX_PATH_LENGTH",
    "PLAIN_HTTP",
    "WILDCARD",
    "Dismissal",
    "Emergency",
    "EntrySeen",
    "Generation",
    "History",
    "Move",
    "Origin",
    "PathRule",
    "PolicyRow",
    "ProbeRun",
    "RuleNames",
    "Sighting",
    "Tenant",
    "TenantHost",
    "TenantMember",
    "Traffic",
    "UnknownHost",
    "Unseen",
    "UpkeepTurn",
    "default_methods",
    "default_request_headers",
]
