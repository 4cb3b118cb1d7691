"""Check every mutant and write the result table: make mutation."""

import sys

from mutation.checking import MAX_SECONDS, MUTANTS, ROOT, Verdict, check, places

TABLE = ROOT / "docs" / "mutation.md"
HEAD = f"""# Mutation check

Do the tests notice when the code is wrong? `make mutation` breaks a copy of the engine, of the
middleware and of what keeps processes fresh in each of these ways, runs the fast tests that are about
it, and writes this table. A mutant whose tests do not end within {MAX_SECONDS / 60:g} minutes is killed too: its
line says "time-out". A few of the mutants are checked by `make test` as well.

| what is broken | in | the first test that fails |
|---|---|---|
"""


def row(verdict: Verdict) -> str:
    """Return a mutant's line of the table."""
    killer = verdict.killer.partition("::")[2].replace("|", "\\|")
    killer = killer or ("time-out" if verdict.timed_out else "**none**")
    return f"| {verdict.mutant.name} | `{verdict.mutant.file}` | {killer} |\n"


def say(line: str) -> None:
    """Tell the person who started it, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Write the table; return 1 when a mutant survives or changes nothing."""
    stale = [mutant.name for mutant in MUTANTS if places(mutant) != 1]
    if stale:
        say("These mutants no longer fit the code: " + ", ".join(stale))
        return 1
    verdicts = []
    for verdict in check(MUTANTS):
        verdicts.append(verdict)
        say(f"{'killed  ' if verdict.is_killed else 'SURVIVED'} {verdict.mutant.name}")
    survivors = sum(not verdict.is_killed for verdict in verdicts)
    total = f"\n{len(verdicts)} mutants, {survivors} survivors.\n"
    TABLE.write_text(HEAD + "".join(map(row, verdicts)) + total, "utf-8")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
