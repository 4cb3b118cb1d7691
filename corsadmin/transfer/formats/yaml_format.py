"""The interchange document as plain YAML, without tags and aliases."""

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

# YAML folds these unless the text is in double quotation marks.
_LINE_ENDS: Final = frozenset("\x85\u2028\u2029")
_MISSING: Final = gettext_lazy("PyYAML is missing: pip install 'corsadmin[yaml]'")


def open_yaml(file: IO[bytes], bounds: Bounds = COMMAND) -> "YamlStream":
    """Return a YAML document as a Source. Raises BrokenTextError, also without PyYAML."""
    _yaml()
    from corsadmin.transfer.formats.yaml_events import YamlStream  # noqa: PLC0415 (it needs PyYAML)

    return YamlStream(read_pieces(file), bounds.events)


def load_yaml(file: IO[bytes]) -> object:
    """Return a YAML document as plain values, as from JSON. Raises BrokenTextError."""
    stream = open_yaml(file)
    found = stream.value()
    stream.end()
    return found


def write_yaml(tenants: Iterable[TenantRows]) -> Iterator[str]:
    """Yield the text of the interchange document as YAML. Raises BrokenTextError without PyYAML."""
    yield f"version: {VERSION}\ntenants:"
    empty = " []\n"
    for tenant in tenants:
        empty = ""
        yield "\n" + dump_yaml([tenant_object(tenant)]).rstrip("\n")
    yield empty or "\n"


def dump_yaml(value: object) -> str:
    """Return lists, objects and plain values as YAML. Raises BrokenTextError without PyYAML."""
    module = _yaml()

    class Dumper(module.SafeDumper):  # type: ignore[name-defined,misc] # of a module that may be missing
        """A dumper that writes each text so that reading it returns the same text."""

    Dumper.add_representer(str, _represent_text)
    text: str = module.dump(
        value, None, Dumper, sort_keys=False, allow_unicode=True, width=1_000_000
    )
    return text


def _represent_text(dumper: Any, text: str) -> Any:
    style = None if _LINE_ENDS.isdisjoint(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _yaml() -> Any:
    try:
        import yaml  # noqa: PLC0415 (an optional dependency)
    except ImportError:
        raise BrokenTextError("", str(_MISSING)) from None
    return yaml
