"""The interchange document as YAML: its plain part only, without tags, aliases and surprises."""

from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corsadmin.transfer.exporting import StoredTenant
from corsadmin.transfer.formats.document import VERSION
from corsadmin.transfer.formats.document_source import BrokenTextError
from corsadmin.transfer.formats.input_file import read_pieces
from corsadmin.transfer.formats.json_writer import tenant_object

if TYPE_CHECKING:
    import yaml

MAX_SIZE: Final = 32_000_000  # characters: the whole document is in memory at once
_MISSING: Final = gettext_lazy("PyYAML is missing: pip install 'corsadmin[yaml]'")


def load_yaml(file: IO[bytes]) -> Any:
    """Return a YAML document as JSON would hold it. Raises BrokenTextError."""
    module = _yaml()
    from corsadmin.transfer.formats.yaml_events import build  # noqa: PLC0415 (it needs PyYAML)

    text = _read(file)
    try:
        return build(text)
    except module.YAMLError as error:
        raise _broken(error) from None


def write_yaml(tenants: Iterable[StoredTenant]) -> Iterator[str]:
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


def _read(file: IO[bytes]) -> str:
    size, pieces = 0, []
    for piece in read_pieces(file):
        size += len(piece)
        if size > MAX_SIZE:
            raise BrokenTextError("", _("it is too long for YAML; use JSON"))
        pieces.append(piece)
    return "".join(pieces)


def _broken(error: "yaml.YAMLError") -> BrokenTextError:
    from corsadmin.transfer.formats.yaml_events import place_of  # noqa: PLC0415 (it needs PyYAML)

    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    said = _("it is no YAML (%(reason)s)") % {"reason": reason}
    return BrokenTextError(place_of(mark) if mark else "", said)
