"""The bell in a forked child: it is the child's alone."""

import subprocess
import sys

FORK = """
import os, signal
from corsadmin.push.wakeup import Ear, bell

ear = Ear()
bell.add(ear)
with bell._rung._cond:  # as a thread of the parent holds it now and then
    child = os.fork()
    if not child:
        signal.alarm(20)
        bell.ring()
        os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert not ear.wait(0)
assert not bell.wait(0)
"""


def test_r34_a_child_that_rings_neither_waits_for_its_parent_nor_wakes_it() -> None:
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
