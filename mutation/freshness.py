"""Ways to break freshness on purpose: what is stale, forgotten or torn must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

TESTS: Final = (
    "tests/serving/test_deletions.py",
    "tests/serving/test_restores.py",
    "tests/serving/test_histories.py",
    "tests/serving/test_loader.py",
    "tests/serving/test_bad_rows.py",
    "tests/serving/changes",
    "tests/serving/store",
    "tests/models/generation",
    "tests/engine/test_snapshot.py",
    "tests/serving/test_decision_cache.py",
    "tests/serving/test_cache_successor.py",
)

_FRESHNESS = "serving/freshness.py"
_GENERATION = "models/generation.py"
_INDEX = "engine/index.py"
_LOADER = "serving/loader/__init__.py"
_JOINED_TEXTS = "serving/loader/joined_texts.py"
_READER = "serving/loader/reader.py"
_CACHE = "serving/decision_cache.py"
_STORE = "serving/store.py"

# Name, file, guard, old, new.
_CHANGES = [
    # What moves the counter.
    (
        "a change stamps its tenants with the number before",
        _GENERATION,
        "add_up",
        "        _stamp(alias, opened, move.value)\n",
        "        _stamp(alias, opened, move.value - 1)\n",
    ),
    (
        "no process learns of a deleted tenant",
        _GENERATION,
        "deleted",
        '    removed = " ".join(map(str, sorted(made.removed)))\n',
        '    removed = ""\n',
    ),
    (
        "a rolled-back deletion is announced",
        _GENERATION,
        "taken_back",
        "so processes read the row again.\n        self.touch(tenant)\n",
        "so processes read the row again.\n",
    ),
    (
        "moves of another database are kept",
        _GENERATION,
        "another_database",
        "    moves.filter(old | Q(generation__gte=move.value)).delete()\n",
        "    moves.filter(old).delete()\n",
    ),
    (
        "every move has the same mark",
        _GENERATION,
        "restore",
        "    mark = randbits(62)\n",
        "    mark = 1\n",
    ),
    # What a reader makes of it.
    (
        "a load sees several states of the database",
        _LOADER,
        "middle",
        "    with one_state(using):\n",
        "    if using:\n",
    ),
    (
        "a deleted tenant is forgotten",
        _LOADER,
        "deleted",
        "    builder.drop(reader.removed)\n",
        "",
    ),
    (
        "a deactivated tenant is forgotten",
        _LOADER,
        "every_way_to_take_away",
        "        builder.drop(batch.gone)\n",
        "",
    ),
    (
        "a counter that went back makes no process reload everything",
        _READER,
        "backwards",
        " and counter.value >= known.value",
        "",
    ),
    (
        "a restored database is taken for one that went on",
        _READER,
        "restore",
        " and is_past(using, known)",
        "",
    ),
    (
        "announce() makes no process reload everything",
        _READER,
        "rebuild",
        "counter.rebuild == known.rebuild and counter.value",
        "counter.value",
    ),
    (
        "a torn origin is two",
        _JOINED_TEXTS,
        "r28",
        "            or self._count(texts[4], LINE) != literal_breaks\n",
        "",
    ),
    (
        "a torn host is two",
        _JOINED_TEXTS,
        "r28",
        "            or self._count(texts[3], LINE) != host_breaks\n",
        "",
    ),
    (
        "an origin with a section in it grants credentials",
        _JOINED_TEXTS,
        "r28",
        "            or self._count(texts[4], SECTION) != sections\n",
        "",
    ),
    # What the next snapshot shares with the one before.
    (
        "a tenant keeps the host it lost",
        _INDEX,
        "every_way_to_take_away",
        "                    self._hosts.drop(host)\n",
        "                    pass\n",
    ),
    (
        "a host that was taken over goes with the tenant that had it",
        _INDEX,
        "change_hands",
        "                if self._hosts.get(host) is packed:\n",
        "                if self._hosts.get(host) is not None:\n",
    ),
    (
        "a platform that is gone is inherited from",
        _INDEX,
        "platform",
        "            if key == self._platform:\n                self._platform = None\n",
        "",
    ),
    (
        "what was compiled of a changed tenant is kept",
        _CACHE,
        "forgotten_when_it_changes",
        "        gone += [self._by_host.pop(host, None) for host in packing.hosts_of(packed)]\n",
        "",
    ),
    (
        "what was compiled of a changed tenant is kept by slug",
        _CACHE,
        "forgotten_when_it_changes",
        "        gone = [self._by_slug.pop(packed[SLUG], None)]\n",
        "        gone = []\n",
    ),
    (
        "heirs keep what was compiled of the platform before",
        _CACHE,
        "platform",
        "        if index.platform_record is not before.platform_record:\n",
        "        if index.platform != before.platform:\n",
    ),
    # How far a process trusts it.
    (
        "a poll undoes refresh()",
        _STORE,
        "not_undone",
        "            if found.reading < self._base.reading:\n",
        "            if found.reading < 0:\n",
    ),
    (
        "a load that began earlier undoes a later one",
        _STORE,
        "during_a_refresh",
        "            elif started >= (self._freshness.confirmed or 0.0):",
        "            elif started is not None:",
    ),
    (
        "what is confirmed is the state at the end of a read",
        _STORE,
        "is_confirmed_is",
        "                self._note(self._freshness.confirm(started))\n",
        "                self._note(self._freshness.confirm(self._clock()))\n",
    ),
    (
        "policies that nobody can confirm serve forever",
        _FRESHNESS,
        "r25",
        "        if age > limit:\n",
        "        if age < 0:\n",
    ),
    (
        "after an error nobody asks again",
        _STORE,
        "r29",
        "            self._failed(error, alias, started)\n\n",
        "            raise\n\n",
    ),
]
MUTANTS: Final = [
    Mutant(name, file, guard, old, new, TESTS) for name, file, guard, old, new in _CHANGES
]
