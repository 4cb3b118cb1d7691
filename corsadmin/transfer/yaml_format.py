"""The interchange document as YAML: its plain part only, without tags, aliases and surprises."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final

from django.utils.translation import gettext as _

from corsadmin.transfer.documents import VERSION
from corsadmin.transfer.exporting import StoredTenant
from corsadmin.transfer.json_writing import tenant_object
from corsadmin.transfer.nested import BrokenTextError, make_object
from corsadmin.transfer.opening import read_pieces

if TYPE_CHECKING:
    import yaml

MAX_SIZE: Final = 32_000_000  # characters: the whole document is in memory at once
MAX_DEPTH: Final = 20
# YAML 1.2's core schema as far as JSON has it: `no` is a text, and so is a date.
_TYPES: Final[dict[str, tuple[str, list[str], Callable[[str], Any]]]] = {
    "null": ("~|null|", ["~", "n", ""], lambda _text: None),
    "bool": ("true|false", ["t", "f"], lambda text: text == "true"),
    "int": ("-?[0-9]{1,15}", list("-0123456789"), int),
}


def load_yaml(file: IO[bytes]) -> Any:
    """Return a YAML document as JSON would hold it. Raises BrokenTextError."""
    try:
        import yaml  # noqa: PLC0415 (an optional dependency)
    except ImportError:
        raise BrokenTextError("", _("PyYAML is missing: pip install 'corsadmin[yaml]'")) from None
    text = _read(file)
    try:
        _check_shape(text)
        return yaml.load(text, _loader())  # noqa: S506 (it builds plain values only)
    except yaml.YAMLError as error:
        raise _broken(error) from None


def write_yaml(tenants: Iterable[StoredTenant]) -> Iterator[str]:
    """Yield the text of the interchange document as YAML, piece by piece."""
    import yaml  # noqa: PLC0415 (an optional dependency)

    yield f"version: {VERSION}\ntenants:"
    empty = " []\n"
    for tenant in tenants:
        empty = ""
        yield "\n" + yaml.safe_dump(
            [tenant_object(tenant)], sort_keys=False, allow_unicode=True, width=1_000_000
        ).rstrip("\n")
    yield empty or "\n"


def _read(file: IO[bytes]) -> str:
    size, pieces = 0, []
    for piece in read_pieces(file):
        size += len(piece)
        if size > MAX_SIZE:
            raise BrokenTextError("", _("it is too long for YAML; use JSON"))
        pieces.append(piece)
    return "".join(pieces)


def _check_shape(text: str) -> None:
    """Refuse, before anything is built, what a small file could make huge."""
    import yaml  # noqa: PLC0415 (an optional dependency)

    depth = 0
    for event in yaml.parse(text, Loader=_parser()):
        if isinstance(event, yaml.AliasEvent):
            raise BrokenTextError(_place(event.start_mark), _("aliases are not taken"))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise BrokenTextError(_place(event.start_mark), _("it is nested too deeply"))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _parser() -> "type[yaml.SafeLoader]":
    import yaml  # noqa: PLC0415 (an optional dependency)

    # Written in C where it is there, and many times as fast.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _loader() -> "type[yaml.SafeLoader]":
    """Return a loader of texts, whole numbers, true, false, null, lists and objects, no more."""

    class PlainLoader(_parser()):  # type: ignore[misc]
        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
        yaml_constructors: ClassVar[dict[str, Any]] = {}

    for name, (pattern, beginnings, build) in _TYPES.items():
        tag = f"tag:yaml.org,2002:{name}"
        PlainLoader.add_implicit_resolver(tag, re.compile(f"^(?:{pattern})$"), beginnings)
        PlainLoader.add_constructor(tag, _scalar(build))
    PlainLoader.add_constructor("tag:yaml.org,2002:str", _scalar(str))
    PlainLoader.add_constructor("tag:yaml.org,2002:seq", _sequence)
    PlainLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
    PlainLoader.add_constructor(None, _refuse)
    return PlainLoader


def _scalar(build: Callable[[str], Any]) -> Callable[[Any, Any], Any]:
    return lambda loader, node: build(loader.construct_scalar(node))


def _sequence(loader: Any, node: Any) -> list[Any]:
    return [loader.construct_object(item, deep=True) for item in node.value]


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    names = [str(loader.construct_object(key, deep=True)) for key, _value in node.value]
    values = [loader.construct_object(value, deep=True) for _key, value in node.value]
    return make_object(list(zip(names, values, strict=True)))


def _refuse(_loader: Any, node: Any) -> None:
    reason = _("the tag %(tag)s is not taken") % {"tag": node.tag}
    raise BrokenTextError(_place(node.start_mark), reason)


def _broken(error: "yaml.YAMLError") -> BrokenTextError:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    said = _("it is no YAML (%(reason)s)") % {"reason": reason}
    return BrokenTextError(_place(mark) if mark else "", said)


def _place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"
