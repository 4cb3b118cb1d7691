"""Find a packed tenant by its key, host or slug; a changed copy shares almost everything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from corsadmin.engine.packing import HOSTS, LINE, PLATFORM, SLUG, Packed, hosts_of
from corsadmin.engine.shards import OpenShards, Shards


class Index:
    """The packed active tenants of one generation. Immutable.

    `platform` is the key of the reserved tenant, and `platform_record` is that tenant, packed; both
    may be None.
    """

    __slots__ = ("_slugs", "hosts", "platform", "platform_record", "records")

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
        self.platform_record = None if platform is None else records.get(platform)
        self._slugs = slugs

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Packed]:
        return (packed for _key, packed in self.records.items())

    @property
    def slugs(self) -> Shards[str, Packed]:
        """The packed tenants by slug."""
        # Built on demand: most sites find tenants by host and need no memory for this.
        if self._slugs is None:
            made: OpenShards[str, Packed] = OpenShards()
            made.put((packed[SLUG], packed) for packed in self)
            self._slugs = made.close()
        return self._slugs

    @property
    def finds_slugs(self) -> bool:
        """Report whether anybody has looked up a slug."""
        return self._slugs is not None

    def pieces(self) -> list[object]:
        """Return the parts that take long to free, so that a caller can free them one by one."""
        slugs = () if self._slugs is None else self._slugs.parts
        return [*self.records.parts, *self.hosts.parts, *slugs]


class IndexBuilder:
    """Builds an index from nothing, or from what another index holds.

    The new index finds slugs from the start if `slugs` is set, or if the other index does.
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
            self._slugs = OpenShards(base.slugs)

    def drop(self, keys: Iterable[int]) -> None:
        """Remove tenants; ignore keys that are not there."""
        for key in keys:
            packed = self._records.get(key)
            if packed is None:
                continue
            self._records.drop(key)
            for host in hosts_of(packed):
                # Another tenant may own the host by now.
                if self._hosts.get(host) is packed:
                    self._hosts.drop(host)
            if self._slugs is not None and self._slugs.get(packed[SLUG]) is packed:
                self._slugs.drop(packed[SLUG])
            if key == self._platform:
                self._platform = None

    def add(self, keys: Sequence[int], packed: Sequence[Packed]) -> None:
        """Add tenants, replacing those with the same keys."""
        if not self._is_new:
            self.drop(keys)
        self._records.put(zip(keys, packed, strict=True))
        self._hosts.put(_by_host(packed))
        if self._slugs is not None:
            self._slugs.put((one[SLUG], one) for one in packed)
        slugs = [one[SLUG] for one in packed]
        if PLATFORM in slugs:  # even if another tenant still has the slug and is about to lose it
            self._platform = keys[slugs.index(PLATFORM)]

    def index(self) -> Index:
        """Return the index. Do not use the builder after this."""
        slugs = None if self._slugs is None else self._slugs.close()
        return Index(self._records.close(), self._hosts.close(), slugs, self._platform)


def index(records: Mapping[int, Packed]) -> Index:
    """Return the index of these tenants."""
    builder = IndexBuilder()
    builder.add(list(records), list(records.values()))
    return builder.index()


def _by_host(packed: Iterable[Packed]) -> Iterator[tuple[str, Packed]]:
    # Like hosts_of(), without a call for each of a million tenants.
    for one in packed:
        hosts = one[HOSTS]
        if LINE in hosts:
            for host in hosts.split(LINE):
                yield host, one
        elif hosts:
            yield hosts, one
