"""Read another program's policies as the document of one tenant."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from corsadmin.models import TenantHost
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.formats.document import VERSION
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.input_file import open_input, read_pieces
from corsadmin.transfer.formats.json_writer import tenant_object
from corsadmin.transfer.sources.carried import Carried
from corsadmin.transfer.sources.django_cors_headers import carry_settings
from corsadmin.transfer.sources.flask_cors import carry_resources
from corsadmin.transfer.sources.kong import carry_configuration
from corsadmin.transfer.sources.nginx import carry_directives
from corsadmin.transfer.sources.s3 import carry_rules

DJANGO_CORS_HEADERS: Final = "django-cors-headers"
_OF_FILES: Final = {"flask-cors": carry_resources, "s3": carry_rules}
# These hold several sites: what is carried over is that of the tenant's hosts.
_OF_SITES: Final = {"kong": carry_configuration, "nginx": carry_directives}
SOURCES: Final = (DJANGO_CORS_HEADERS, *_OF_FILES, *_OF_SITES)


def carry(source: str, name: str | None, slug: str) -> Carried:
    """Return the policies of a file, or of a settings module (None: of this project's settings).

    Raises BrokenTextError.
    """
    if source == DJANGO_CORS_HEADERS:
        return carry_settings(_module(name) if name else settings)
    if name is None:
        raise BrokenTextError("", "name a file, or - for standard input")
    with open_input(name) as file:
        text = "".join(read_pieces(file))
    if source in _OF_FILES:
        return _OF_FILES[source](text)
    hosts = TenantHost.objects.filter(tenant__slug=slug).order_by("host")
    return _OF_SITES[source](text, [*hosts.values_list("host", flat=True)])


def document_of(slug: str, carried: Carried) -> dict[str, Any]:
    """Return the document of one tenant; what is stored of the tenant itself stays as it is."""
    stored = next(iter(read_tenants({slug})), None)
    tenant: dict[str, Any] = {"slug": slug} if stored is None else tenant_object(stored)
    tenant |= {"origins": carried.origins, "paths": carried.paths}
    return {"version": VERSION, "tenants": [tenant]}


def _module(name: str) -> object:
    if Path(name).suffix == ".py":
        name = name.removesuffix(".py").replace("/", ".")
    try:
        return import_module(name)
    except ImportError as error:
        raise BrokenTextError("", f"it is no module that can be imported ({error})") from None
