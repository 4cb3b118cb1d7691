"""Find a packed tenant by its key, host or slug; a changed copy shares almost everything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from corsadmin.engine import shards
from corsadmin.engine.packing import LINE, PLATFORM, Packed
from corsadmin.engine.shards import MASK, OpenShards, Shards


class Index:
    """The packed active tenants of one generation. Immutable.

    `platform` is the key of the reserved tenant, None where there is none.
    """

    __slots__ = ("_slugs", "hosts", "platform", "records")

    def __init__(
        self,
        records: Shards[int, Packed],
        hosts: Shards[str, Packed],
        slugs: Shards[str, Packed] | None,
        platform: int | None,
    ) -> None:
        self.records = records
        self.hosts = hosts
        self.platform = platform
        self._slugs = slugs

    def __len__(self) -> int:
        return sum(map(len, self.records))

    def __getitem__(self, key: int) -> Packed:
        return self.records[hash(key) & MASK][key]

    def __iter__(self) -> Iterator[Packed]:
        return (packed for _key, packed in shards.items(self.records))

    def get(self, key: int) -> Packed | None:
        """Return the packed tenant with this key."""
        return self.records[hash(key) & MASK].get(key)

    @property
    def slugs(self) -> Shards[str, Packed]:
        """The packed tenants by slug."""
        # Most sites find tenants by host and never need the space.
        if self._slugs is None:
            made: OpenShards[str, Packed] = OpenShards()
            made.put((packed[0], packed) for packed in self)
            self._slugs = made.close()
        return self._slugs

    @property
    def finds_slugs(self) -> bool:
        """Report whether somebody has asked for a slug."""
        return self._slugs is not None

    def pieces(self) -> list[object]:
        """Return all that takes long to be freed, to be let go of one by one."""
        return [*self.records, *self.hosts, *(self._slugs or ())]


class Draft:
    """An index in the making, of nothing or of what another one holds.

    With `slugs` it is made ready to be asked for slugs, as the one it starts from is.
    """

    __slots__ = ("_hosts", "_is_new", "_platform", "_records", "_slugs")

    def __init__(self, base: Index | None = None, *, slugs: bool = False) -> None:
        self._is_new = base is None
        self._slugs: OpenShards[str, Packed] | None = OpenShards() if slugs else None
        if base is None:
            self._records: OpenShards[int, Packed] = OpenShards()
            self._hosts: OpenShards[str, Packed] = OpenShards()
            self._platform: int | None = None
            return
        self._records = OpenShards(base.records)
        self._hosts = OpenShards(base.hosts)
        self._platform = base.platform
        if base.finds_slugs:
            self._slugs = OpenShards(base._slugs or ())  # noqa: SLF001 (made for each other)

    def drop(self, keys: Iterable[int]) -> None:
        """Leave out tenants, those that are there."""
        for key in keys:
            packed = self._records.get(key)
            if packed is None:
                continue
            self._records.drop(key)
            for host in hosts_of(packed):
                # Another tenant may have taken it over meanwhile.
                if self._hosts.get(host) is packed:
                    self._hosts.drop(host)
            if self._slugs is not None and self._slugs.get(packed[0]) is packed:
                self._slugs.drop(packed[0])
            if key == self._platform:
                self._platform = None

    def add(self, keys: Sequence[int], packed: Sequence[Packed]) -> None:
        """Put tenants in, in the place of what their keys had."""
        if not self._is_new:
            self.drop(keys)
        self._records.put(zip(keys, packed, strict=True))
        self._hosts.put(_by_host(packed))
        if self._slugs is not None:
            self._slugs.put((one[0], one) for one in packed)
        slugs = [one[0] for one in packed]
        if PLATFORM in slugs:  # also where another tenant still has the name, and is to lose it
            self._platform = keys[slugs.index(PLATFORM)]

    def index(self) -> Index:
        """Return the index; nothing may be changed from now on."""
        slugs = None if self._slugs is None else self._slugs.close()
        return Index(self._records.close(), self._hosts.close(), slugs, self._platform)


def index(records: Mapping[int, Packed]) -> Index:
    """Return the index of these tenants."""
    draft = Draft()
    draft.add(list(records), list(records.values()))
    return draft.index()


def _by_host(packed: Iterable[Packed]) -> Iterator[tuple[str, Packed]]:
    # As hosts_of(), without a call for each of a million tenants.
    for one in packed:
        hosts = one[2]
        if LINE in hosts:
            for host in hosts.split(LINE):
                yield host, one
        elif hosts:
            yield hosts, one


def hosts_of(packed: Packed) -> Sequence[str]:
    """Return the hosts of a packed tenant."""
    hosts = packed[2]
    if LINE in hosts:
        return hosts.split(LINE)
    return (hosts,) if hosts else ()  # the record's own text: no second copy
