"""Find a packed tenant by its key, host or slug; a changed copy shares almost everything."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from corsadmin.engine import shards
from corsadmin.engine.packing import LINE, PLATFORM, Packed
from corsadmin.engine.shards import MASK, Shards


class Index:
    """The packed active tenants of one generation. Immutable.

    `platform` is the key of the reserved tenant, None where there is none.
    """

    __slots__ = ("_slugs", "hosts", "platform", "records")

    def __init__(
        self, records: Shards[int, Packed], hosts: Shards[str, int], platform: int | None
    ) -> None:
        self.records = records
        self.hosts = hosts
        self.platform = platform
        self._slugs: Shards[str, int] | None = None

    def __len__(self) -> int:
        return sum(map(len, self.records))

    def __getitem__(self, key: int) -> Packed:
        return self.records[hash(key) & MASK][key]

    def __iter__(self) -> Iterator[Packed]:
        return (packed for _key, packed in shards.items(self.records))

    def key_of_slug(self, slug: str) -> int | None:
        """Return the key of the tenant with this slug."""
        # Most sites find tenants by host and never need the space.
        slugs = self._slugs
        if slugs is None:
            slugs = self._slugs = shards.split(
                (packed[0], key) for key, packed in shards.items(self.records)
            )
        return slugs[hash(slug) & MASK].get(slug)

    def changed(self, records: Mapping[int, Packed], gone: Collection[int]) -> "Index":
        """Return an index with the keys in `gone` left out, then `records` put in."""
        old = {
            key: packed
            for key in (*records, *gone)
            if (packed := self.records[hash(key) & MASK].get(key)) is not None
        }
        lost = [host for host, key in _hosts(old) if self.hosts[hash(host) & MASK].get(host) == key]
        platform = None if self.platform in old else self.platform
        made = Index(
            shards.replace(self.records, old, records.items()),
            shards.replace(self.hosts, lost, _hosts(records)),
            _platform(records) if platform is None else platform,
        )
        if self._slugs is not None:
            slugs = ((packed[0], key) for key, packed in records.items())
            made._slugs = shards.replace(self._slugs, [packed[0] for packed in old.values()], slugs)
        return made

    def prepare_as(self, other: "Index") -> None:
        """Have ready what was asked of another index, so that no request has to wait for it."""
        if other._slugs is not None:  # noqa: SLF001
            self.key_of_slug("")


def index(records: Mapping[int, Packed]) -> Index:
    """Return the index of these tenants."""
    return Index(shards.split(records.items()), shards.split(_hosts(records)), _platform(records))


def _hosts(records: Mapping[int, Packed]) -> Iterable[tuple[str, int]]:
    for key, packed in records.items():
        hosts = packed[2]
        if LINE in hosts:
            for host in hosts.split(LINE):
                yield host, key
        elif hosts:
            yield hosts, key  # the record's own text: no second copy


def _platform(records: Mapping[int, Packed]) -> int | None:
    return next((key for key, packed in records.items() if packed[0] == PLATFORM), None)
