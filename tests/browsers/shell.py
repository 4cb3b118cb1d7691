"""A Django process that stays and runs code: to start one for each piece would cost a second."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from tests.servers import ROOT

Run = Callable[[str], None]
# Lines of JSON come in, each with a piece of code. To each goes out what failed, or null.
LOOP: Final = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    failed = None
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(json.loads(line), {})
        except BaseException:
            failed = traceback.format_exc()
    print(json.dumps(failed), flush=True)
"""


@contextmanager
def shell(env: Mapping[str, str]) -> Iterator[Run]:
    """Yield what runs code in a process of its own, with the settings of the environment."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", LOOP],
        cwd=ROOT, env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def run(code: str) -> None:
        stdin.write(json.dumps(code) + "\n")
        stdin.flush()
        failed = json.loads(stdout.readline())
        assert failed is None, failed

    try:
        yield run
    finally:
        stdin.close()
        process.wait()
        stdout.close()
