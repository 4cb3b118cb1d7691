"""Turn another program's policies into the interchange document of one tenant."""

from importlib import import_module
from pathlib import Path
from typing import IO, Final

from django.conf import settings

from corsadmin.convert.conversion import Conversion
from corsadmin.convert.registry import FILE_SOURCES, SETTINGS_SOURCES
from corsadmin.models import TenantHost
from corsadmin.transfer.exporting import read_tenants
from corsadmin.transfer.formats.document import VERSION
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.input_file import open_input, read_pieces
from corsadmin.transfer.formats.json_writer import tenant_object
from corsadmin.transfer.records.record_types import PATH

# The fields of a path rule that a converted file decides. An import leaves other fields unchanged.
_DECIDED: Final = frozenset(PATH.names) - {"path", "enabled", "note"}
MAX_LENGTH: Final = 1_000_000  # characters of a file; it is read whole


def convert(source: str, name: str | None, slug: str) -> Conversion:
    """Return the policies of a file or a settings module; `name` None means this project's settings.

    Of a file for several sites, returns those for the hosts of the tenant. Raises BrokenTextError.
    """
    if source in SETTINGS_SOURCES:
        return SETTINGS_SOURCES[source].read_settings(_module(name) if name else settings)
    if name is None:
        raise BrokenTextError("", "name a file, or - for standard input")
    with open_input(name) as file:
        try:
            text = _read_whole(file)
        except OSError as error:
            raise BrokenTextError("", str(error.strerror)) from None
    hosts = TenantHost.objects.filter(tenant__slug=slug).order_by("host")
    return FILE_SOURCES[source].read_policies(text, [*hosts.values_list("host", flat=True)])


def document_of(slug: str, conversion: Conversion) -> dict[str, object]:
    """Return the interchange document of one tenant. Its stored fields and hosts stay unchanged."""
    stored = next(iter(read_tenants({slug})), None)
    tenant: dict[str, object] = {"slug": slug} if stored is None else tenant_object(stored)
    defaults = {column.name: column.default() for column in PATH.columns if column.name in _DECIDED}
    tenant |= {
        "origins": conversion.origins,
        "paths": [defaults | path for path in conversion.paths],
    }
    return {"version": VERSION, "tenants": [tenant]}


def _read_whole(file: IO[bytes]) -> str:
    """Return the text of a file. Raises BrokenTextError for one that is too long."""
    pieces, size = [], 0
    for piece in read_pieces(file):
        size += len(piece)
        if size > MAX_LENGTH:
            reason = (
                f"it has more than {MAX_LENGTH:,} characters: leave out what CORS does not need"
            )
            raise BrokenTextError("", reason)
        pieces.append(piece)
    return "".join(pieces)


def _module(name: str) -> object:
    if Path(name).suffix == ".py":
        name = name.removesuffix(".py").replace("/", ".")
    try:
        return import_module(name)
    except ImportError as error:
        raise BrokenTextError("", f"it is not a module that can be imported ({error})") from None
    # Importing a module can run, and raise, anything.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        reason = f"importing the module ends in an error ({type(error).__name__}: {error})"
        raise BrokenTextError("", reason) from None
