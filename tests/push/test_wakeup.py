"""The wake event ends every wait in its process, and in a forked child none of its parent's."""

import subprocess
import sys

import pytest

from corsadmin.push.wakeup import WakeEvent, WakeSelector, wake_event
from tests.push.commits import SECONDS

FORK = """
import os, signal
from corsadmin.push.wakeup import WakeSelector, wake_event

selector = WakeSelector()
wake_event.add(selector)
with wake_event._event._cond:  # as a thread of the parent holds it now and then
    child = os.fork()
    if not child:
        signal.alarm(20)
        wake_event.set()
        os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert not selector.wait(0)
assert not wake_event.wait(0)
"""


def test_r34_a_forked_child_neither_waits_for_its_parent_nor_wakes_it() -> None:
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.fixture
def selector() -> WakeSelector:
    return WakeSelector()


def test_a_wait_that_begins_after_the_wake_up_ends_at_once(selector: WakeSelector) -> None:
    selector.set()
    selector.set()

    assert selector.wait(SECONDS)
    assert not selector.wait(0)
    selector.close()


def test_a_selector_that_nobody_drains_or_that_is_closed_blocks_nobody(
    selector: WakeSelector,
) -> None:
    for _ in range(10_000):
        selector.set()

    selector.close()
    selector.set()


def test_the_event_ends_the_wait_of_every_selector_until_it_is_removed(
    selector: WakeSelector,
) -> None:
    other = WakeSelector()
    wake_event.add(selector)
    wake_event.add(other)

    wake_event.set()

    assert selector.wait(0)
    assert other.wait(0)
    wake_event.remove(selector)
    wake_event.set()
    assert other.wait(0)
    wake_event.remove(other)


def test_r34_a_renewed_event_leaves_the_selectors_of_the_parent_alone(
    selector: WakeSelector,
) -> None:
    renewed = WakeEvent()
    renewed.add(selector)
    renewed.set()

    renewed.renew()

    assert not renewed.wait(0)
    with pytest.raises(ValueError, match="descriptor"):
        selector.wait(0)
