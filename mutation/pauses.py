"""Ways to break what happens after a pause: each must make a test fail."""

from typing import Final

from mutation.mutant import Mutant

TESTS: Final = (
    "tests/serving/test_freshness.py",
    "tests/serving/test_fastest_clock.py",
    "tests/serving/test_refresher.py",
    "tests/serving/store",
)

_CLOCKS = "serving/clocks.py"
_FRESHNESS = "serving/freshness.py"
_REFRESHER = "serving/refresher.py"
_STORE = "serving/store.py"

# Name, file, guard, old, new.
_CHANGES = [
    (
        "nobody waits after a pause",
        _FRESHNESS,
        "r94",
        "        if self.gap(now) > promise:\n",
        "        if self.gap(now) < 0:\n",
    ),
    (
        "a poll that began before the pause ends the wait",
        _FRESHNESS,
        "proves_nothing",
        "        return self.awaited is not None and started >= self.awaited\n",
        "        return self.awaited is not None and started is not None\n",
    ),
    (
        "each request waits anew",
        _FRESHNESS,
        "waited_for_once",
        "max(0.0, self.deadline - now)",
        "MAX_PAUSE_WAIT_SECONDS",
    ),
    (
        "the limit is judged before the wait",
        _FRESHNESS,
        "after_the_wait",
        "        if self.wait(now) or (terms.promise and self.gap(now) > terms.promise):\n",
        "        if self.wait(now) and age <= limit:\n",
    ),
    (
        "wall-clock time tells of no pause",
        _CLOCKS,
        "either_clock",
        "max(now[0] - steady, now[1] - wall)",
        "now[0] - steady",
    ),
    (
        "the wall clock prolongs trust",
        _CLOCKS,
        "set_back",
        "max(now[0] - steady, now[1] - wall)",
        "now[1] - wall",
    ),
    (
        "a connection that was cut during a pause is an outage",
        _STORE,
        "made_anew",
        "                if not (was_open and self._freshness.awaits(started)):\n",
        "                if was_open:\n",
    ),
    (
        "a second pause during the wait is not waited for",
        _STORE,
        "second_pause",
        "            if not seconds or poll is waited:\n",
        "            if not seconds or waited is not None:\n",
    ),
    (
        "a database that hangs is taken for a pause",
        _REFRESHER,
        "second_thread_beats",
        "            if self._busy_since is not None:\n                self._beat()\n",
        "            pass\n",
    ),
    (
        "beats between polls hide a pause",
        _REFRESHER,
        "nobody_beats",
        "            if self._busy_since is not None:\n                self._beat()\n",
        "            self._beat()\n",
    ),
]
MUTANTS: Final = [
    Mutant(name, file, guard, old, new, TESTS) for name, file, guard, old, new in _CHANGES
]
