"""The interchange document as YAML: its plain part only, without tags, aliases and surprises."""

from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy

from corsadmin.models.tenant_rows import TenantRows
from corsadmin.transfer.formats.bounds import COMMAND, Bounds
from corsadmin.transfer.formats.document import VERSION
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.input_file import read_pieces
from corsadmin.transfer.formats.json_writer import tenant_object

if TYPE_CHECKING:
    from corsadmin.transfer.formats.yaml_events import YamlStream

_MISSING: Final = gettext_lazy("PyYAML is missing: pip install 'corsadmin[yaml]'")


def open_yaml(file: IO[bytes], bounds: Bounds = COMMAND) -> "YamlStream":
    """Return a YAML document as a Source. Raises BrokenTextError."""
    _yaml()
    from corsadmin.transfer.formats.yaml_events import YamlStream  # noqa: PLC0415 (it needs PyYAML)

    return YamlStream(read_pieces(file), bounds.events)


def load_yaml(file: IO[bytes]) -> Any:
    """Return a YAML document as JSON would hold it. Raises BrokenTextError."""
    stream = open_yaml(file)
    found = stream.value()
    stream.end()
    return found


def write_yaml(tenants: Iterable[TenantRows]) -> Iterator[str]:
    """Yield the text of the interchange document as YAML. Raises BrokenTextError without PyYAML."""
    module = _yaml()
    yield f"version: {VERSION}\ntenants:"
    empty = " []\n"
    for tenant in tenants:
        empty = ""
        yield "\n" + module.safe_dump(
            [tenant_object(tenant)], sort_keys=False, allow_unicode=True, width=1_000_000
        ).rstrip("\n")
    yield empty or "\n"


def _yaml() -> Any:
    try:
        import yaml  # noqa: PLC0415 (an optional dependency)
    except ImportError:
        raise BrokenTextError("", str(_MISSING)) from None
    return yaml
