"""Break a copy of the code and see whether a test notices."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import IO, Final, NamedTuple

from mutation import (
    answers,
    echo,
    emergencies,
    freshness,
    origins,
    paths,
    pauses,
    refreshing,
    tenants,
    wildcards,
)
from mutation.mutant import Mutant

PARTS: Final = (
    *(origins, wildcards, answers, echo, emergencies, paths, tenants),
    *(freshness, pauses, refreshing),
)
MUTANTS: Final = [mutant for part in PARTS for mutant in part.MUTANTS]
ROOT: Final = Path(__file__).resolve().parents[1]
COPIED: Final = (
    *("corsadmin", "project", "tests", "benchmarks", "mutation", "docs"),
    *("pyproject.toml", "requirements.txt"),
)
PYTEST: Final = [
    *("-m", "pytest", "-x", "-q", "--tb=no"),
    *("-p", "no:randomly", "-p", "no:cacheprovider"),
]
AT_ONCE: Final = 2
MAX_SECONDS: Final = 1_200.0  # for the tests of one mutant; on a busy machine the longest take 400
MAX_TEARDOWN_SECONDS: Final = 20.0  # for pytest to stop the servers of interrupted tests


class Verdict(NamedTuple):
    """The first test that failed, blank where none did; `timed_out` where the tests did not end."""

    mutant: Mutant
    killer: str
    timed_out: bool = False

    @property
    def is_killed(self) -> bool:
        """Report whether the tests noticed: they failed, or did not end in time."""
        return self.timed_out or self.killer != ""


def places(mutant: Mutant) -> int:
    """Return how often the text that a mutant changes stands in its file."""
    return (ROOT / "corsadmin" / mutant.file).read_text("utf-8").count(mutant.old)


def check(mutants: Iterable[Mutant], seconds: float = MAX_SECONDS) -> Iterator[Verdict]:
    """Yield a verdict on each mutant, in their order; the tests of each may take so long."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(partial(_check, seconds=seconds), mutants)


def _check(mutant: Mutant, seconds: float) -> Verdict:
    deadline = monotonic() + seconds
    with TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                # With what is compiled already: only the broken file is compiled again.
                shutil.copytree(source, copy / name)
            else:
                shutil.copy(source, copy / name)
        file = copy / "corsadmin" / mutant.file
        file.write_text(file.read_text("utf-8").replace(mutant.old, mutant.new), "utf-8")
        # The quickest tests first: most mutants die there.
        quick = [name for name in mutant.tests if name != "tests/engine"]
        guard = [*quick, "-k", f"{mutant.guard} and not ASGI and not async"]
        chosen = ["-m", mutant.marks]
        stages = ([*chosen, *guard], [*chosen, *mutant.tests])
        failures = (_first_failure(copy, stage, deadline) for stage in stages)
        try:
            return Verdict(mutant, next(filter(None, failures), ""))
        except subprocess.TimeoutExpired:
            return Verdict(mutant, "", timed_out=True)


def _first_failure(copy: Path, stage: list[str], deadline: float) -> str:
    output = copy / "output"
    with output.open("w") as stdout:
        status = _run(copy, stage, stdout, deadline)
    said = output.read_text("utf-8")
    # A module that cannot be imported has noticed nothing.
    found = re.search(r"^(?:FAILED|ERROR) (.+?::.+?)(?: - .*)?$", said, re.MULTILINE)
    nothing_asked = status == 5  # no test has a name with the guard in it
    if status and not found and not nothing_asked:  # pragma: no cover (pytest breaks)
        raise RuntimeError(said)
    return found[1] if found else ""


def _run(copy: Path, stage: list[str], stdout: IO[str], deadline: float) -> int:
    """Return the exit status of pytest. Raises TimeoutExpired after ending it at the deadline."""
    # Into a file: a server that a test has started may keep a pipe open.
    process = subprocess.Popen(
        [sys.executable, *PYTEST, *stage], cwd=copy, stdout=stdout, stderr=subprocess.STDOUT
    )
    try:
        return process.wait(max(0.0, deadline - monotonic()))
    except subprocess.TimeoutExpired:
        # As Ctrl-C does: pytest stops the servers of its tests, if the mutant lets it.
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(MAX_TEARDOWN_SECONDS)
        raise
    finally:
        process.kill()
        process.wait()
