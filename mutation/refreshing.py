"""Ways to break what looks for changes and what hints at them: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

TESTS: Final = (
    "tests/serving/test_readers.py",
    "tests/serving/test_batches.py",
    "tests/serving/test_single_query.py",
    "tests/serving/test_stream.py",
    "tests/serving/test_deletions.py",
    "tests/serving/test_histories.py",
    "tests/push",
    "tests/serving/test_outages.py",
    "tests/serving/store",
    "tests/serving/changes",
    "tests/serving/test_refresher.py",
    "tests/serving/test_rate_limiter.py",
    "tests/models/generation",
)

_BATCHES = "serving/loader/batches.py"
_FORKS = "serving/forks.py"
_FRESHNESS = "serving/freshness.py"
_GENERATION = "models/generation.py"
_LOADER = "serving/loader/__init__.py"
_POSTGRES = "push/postgres.py"
_REFRESHER = "serving/refresher.py"
_SINGLE_QUERY = "serving/loader/single_query.py"
_STORE = "serving/store.py"
_WAKE = "push/wakeup.py"

# Name, file, guard, old, new.
_CHANGES = [
    # How the loader reads.
    (
        "tenants that are too many for one row are passed over",
        _SINGLE_QUERY,
        "asked_the_long_way",
        "    columns = None if are_many else JoinedTexts(",
        "    columns = JoinedTexts(",
    ),
    (
        "a single query takes a restored database for one that went on",
        _SINGLE_QUERY,
        "asked_the_long_way or tell_the_same",
        " and past == known.mark",
        "",
    ),
    (
        "a single query forgets deleted tenants",
        _SINGLE_QUERY,
        "one_statement",
        "    keys = set() if since is None else {",
        "    keys = set() if since else {",
    ),
    (
        "a single query drops tenants that came back before",
        _SINGLE_QUERY,
        "came_back",
        "FROM corsadmin_move WHERE generation > %(since)s)",
        "FROM corsadmin_move WHERE generation >= %(since)s)",
    ),
    (
        "a single query passes over tenants with negative keys",
        _SINGLE_QUERY,
        "somebody_chose",
        "_FIRST_KEY: Final = -(2**63)\n",
        "_FIRST_KEY: Final = 1\n",
    ),
    (
        "a few changes on PostgreSQL take more than one query",
        _LOADER,
        "asked_of_postgresql",
        "    if alone and known is not None and connection.vendor == POSTGRESQL:\n",
        "    if alone and known is not None and not connection.vendor:\n",
    ),
    (
        "a transaction that goes on is streamed from",
        _LOADER,
        "asked_of_postgresql",
        "        if alone and connection.vendor == POSTGRESQL:\n",
        "        if connection.vendor == POSTGRESQL:\n",
    ),
    (
        "a database that cannot join text is asked to",
        _LOADER,
        "cannot_join or neither",
        "        elif connection.vendor in sql.JOINED:\n",
        "        elif connection.vendor:\n",
    ),
    (
        "a torn part of many is passed over",
        _BATCHES,
        "torn",
        "                    torn.append(of)\n",
        "                    pass\n",
    ),
    # When the refresher looks, and with what.
    (
        "what was missed before it listened is not looked for",
        _REFRESHER,
        "before_it_listened",
        "                hinted = look_again or self._wait()\n",
        "                hinted = self._wait()\n",
    ),
    (
        "polls are later than the promise",
        _REFRESHER,
        "within_its_time",
        "random.uniform(0.85, 1.0)",
        "random.uniform(2.0, 3.0)",
    ),
    (
        "an endless row of hints is followed without a rest",
        _REFRESHER,
        "pace",
        "                if rest := limiter.rest(",
        "                if rest := 0 * limiter.rest(",
    ),
    (
        "a refresher that died is taken for alive",
        _REFRESHER,
        "died",
        "        return self._thread.is_alive()\n",
        "        return bool(self._thread)\n",
    ),
    (
        "a poll that hangs is waited for",
        _REFRESHER,
        "hangs",
        "        if since is None or monotonic() - since < MAX_SILENT_SECONDS:\n            return\n",
        "        return\n",
    ),
    (
        "a refresher that rests is taken for one that hangs",
        _REFRESHER,
        "rests",
        "                self._busy_since = None\n",
        "",
    ),
    (
        "a long load is taken for one that hangs",
        _REFRESHER,
        "gets_on",
        "        self._busy_since = monotonic()\n",
        "        self._busy_since = self._busy_since or monotonic()\n",
    ),
    # What is put in force.
    (
        "a refresh that a poll has overtaken is dropped",
        _STORE,
        "during_a_refresh",
        "            while base.reading > self._base.reading:\n",
        "            while base.reading < 0:\n",
    ),
    (
        "what a transaction refreshed outlives it",
        _STORE,
        "ends_with_it",
        "        with self._lock:\n            self._base = LoadBase(None, next(self._readings))\n",
        "        self._load(alias, LoadBase(None, next(self._readings)), _nothing)\n",
    ),
    (
        "refresh() shares what is not committed",
        _STORE,
        "r09",
        "            raise TransactionManagementError(NOT_COMMITTED)\n",
        "            pass\n",
    ),
    (
        "a request shares what is not committed",
        _STORE,
        "uncommitted",
        "                if in_transaction(connections[alias]):  # uncommitted",
        "                if not alias:  # uncommitted",
    ),
    (
        "a limit below the poll is passed over",
        _FRESHNESS,
        "below_the_poll",
        "self.confirmed + min(terms.promise, limit)",
        "self.confirmed + max(terms.promise, limit)",
    ),
    (
        "a limit that passes between two looks is passed over",
        _FRESHNESS,
        "between_two_looks",
        "min(now + LOOK_SECONDS, self.confirmed + limit)",
        "max(now + LOOK_SECONDS, self.confirmed + limit)",
    ),
    (
        "a child goes on with what its parent knew",
        _FORKS,
        "forked",
        "        if self._pid == pid:\n            return\n",
        "        if self._pid:\n            return\n",
    ),
    (
        "a child that is asked for its health waits for its parent",
        _STORE,
        "health_waits",
        "        self._fork.check()\n        if self._refresher is not None:\n",
        "        if self._refresher is not None:\n",
    ),
    # What hints.
    (
        "a change hints before its commit",
        _GENERATION,
        "before",
        "        transaction.on_commit(wake_event.set, using=alias, robust=True)\n",
        "        wake_event.set()\n",
    ),
    (
        "a change hints when another database commits",
        _GENERATION,
        "r04",
        "        transaction.on_commit(wake_event.set, using=alias, robust=True)\n",
        "        transaction.on_commit(wake_event.set, robust=True)\n",
    ),
    (
        "a hint that fails fails the save",
        _GENERATION,
        "r05",
        "        transaction.on_commit(wake_event.set, using=alias, robust=True)\n",
        "        transaction.on_commit(wake_event.set, using=alias)\n",
    ),
    (
        "PostgreSQL is not told of a change",
        _POSTGRES,
        "hints_with",
        '        cursor.execute(f"NOTIFY {CHANNEL}")\n',
        "        pass\n",
    ),
    (
        "a new connection does not listen",
        _POSTGRES,
        "cut_off",
        '            driver.execute(f"LISTEN {CHANNEL}")\n',
        "",
    ),
    (
        "a hint beside the answer to a poll is lost",
        _POSTGRES,
        "beside_the_answer",
        "            driver.add_notify_handler(lambda _hint: self._selector.set())\n",
        "",
    ),
    (
        "a child wakes its parent",
        _WAKE,
        "forked_child",
        "os.register_at_fork(after_in_child=wake_event.renew)\n",
        "",
    ),
]
MUTANTS: Final = [
    Mutant(name, file, guard, old, new, TESTS, marks="slow or not slow")
    for name, file, guard, old, new in _CHANGES
]
