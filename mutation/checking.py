"""Break a copy of the code and see whether a test notices."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from mutation import answers, freshness, origins, pauses, refreshing, tenants
from mutation.mutant import Mutant

PARTS: Final = (origins, answers, tenants, freshness, pauses, refreshing)
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


class Verdict(NamedTuple):
    """The first test that failed, blank where none did."""

    mutant: Mutant
    killer: str


def places(mutant: Mutant) -> int:
    """Return how often the text that a mutant changes stands in its file."""
    return (ROOT / "corsadmin" / mutant.file).read_text("utf-8").count(mutant.old)


def check(mutants: Iterable[Mutant]) -> Iterator[Verdict]:
    """Yield a verdict on each mutant, in their order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(_check, mutants)


def _check(mutant: Mutant) -> Verdict:
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
        failures = (_first_failure(copy, stage) for stage in stages)
        return Verdict(mutant, next(filter(None, failures), ""))


def _first_failure(copy: Path, stage: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, *PYTEST, *stage], cwd=copy, capture_output=True, text=True, check=False
    )
    # A module that cannot be imported has noticed nothing.
    found = re.search(r"^(?:FAILED|ERROR) (.+?::.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    nothing_asked = done.returncode == 5  # no test has a name with the guard in it
    if done.returncode and not found and not nothing_asked:  # pragma: no cover (pytest breaks)
        raise RuntimeError(done.stdout + done.stderr)
    return found[1] if found else ""
