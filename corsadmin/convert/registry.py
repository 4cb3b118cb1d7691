"""The other programs whose policies are read and written, each by its own module or package."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from corsadmin.convert import django_cors_headers, envoy, flask_cors
from corsadmin.convert.conversion import Conversion, Remark
from corsadmin.convert.kong import source as kong_source
from corsadmin.convert.nginx import source as nginx_source
from corsadmin.convert.nginx import target as nginx_target
from corsadmin.convert.s3 import source as s3_source
from corsadmin.convert.s3 import target as s3_target
from corsadmin.models.tenant_rows import TenantRows


class FileSource(Protocol):
    """A program whose policies are in a file."""

    def read_policies(self, text: str, hosts: Sequence[str] = ..., /) -> Conversion:
        """Return the policies in the text of a file for some hosts. Raises BrokenTextError."""


class SettingsSource(Protocol):
    """A program whose policies are Django settings."""

    def read_settings(self, settings: object, /) -> Conversion:
        """Return the policies of a settings module. Raises BrokenTextError."""


class PolicyTarget(Protocol):
    """A program for which one tenant's policy can be written."""

    def render_policy(self, held: TenantRows, /) -> tuple[str, list[Remark]]:
        """Return the text of a file, and remarks on what it cannot express."""


SETTINGS_SOURCES: Final[Mapping[str, SettingsSource]] = {"django-cors-headers": django_cors_headers}
FILE_SOURCES: Final[Mapping[str, FileSource]] = {
    "flask-cors": flask_cors,
    "s3": s3_source,
    "kong": kong_source,
    "nginx": nginx_source,
}
SOURCES: Final = (*SETTINGS_SOURCES, *FILE_SOURCES)
TARGETS: Final[Mapping[str, PolicyTarget]] = {
    "s3": s3_target,
    "nginx": nginx_target,
    "envoy": envoy,
}
