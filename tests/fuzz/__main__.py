"""`make fuzz`: generated requests at every operation of the three services, judged by their documents.

`CASES=100000` is the long run, `SEED=` repeats a run, `SERVICE=registry` attacks one service alone.
Prints a table and writes `.run/fuzz.json`; the exit code is 0 only where nothing was found.
"""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from deploy.demo.client import Credentials
from tests.bench.running import running_system
from tests.fuzz.attack import AUTH, SERVER, Round, Tally, attack, documented, in_order

CASES: Final = 2_000
# The clock moves only forward, so registry comes last and its clock at the very end.
SERVICES: Final = ("notifier", "results_ingest", "registry")
FIRST_EXAMPLES: Final = 5
LATER_EXAMPLES: Final = 40
SHOWN: Final = 60
SAMPLE: Final = 1_000
# An answer of 503 is a finding; a machine that stands still for two seconds is none.
PATIENCE: Final = "30"


def main() -> None:
    """Attack; the exit code says whether everything held."""
    cases = int(os.environ.get("CASES") or CASES)
    seed = int(os.environ.get("SEED") or secrets.randbelow(2**32))
    asked = os.environ.get("SERVICE", "").replace("-", "_")
    services = [name for name in SERVICES if asked in ("", name)]
    if not services:
        sys.exit(f"SERVICE is one of {', '.join(SERVICES)}")
    path = Path(os.environ.get("DATA_DIR") or ".run") / "fuzz.json"
    console = Console(width=None if sys.stdout.isatty() else 130)
    console.print(f"seed {seed}; again: make fuzz SEED={seed} CASES={cases}")
    with running_system(DATABASE_PATIENCE_SECONDS=PATIENCE) as running:
        tallies = _attacked(running.credentials, services, cases=cases, seed=seed, console=console)
        untouched = {
            name: documented(running.credentials, name) - set(tallies[name].operations) for name in services
        }
    for name, missing in untouched.items():
        for label in missing:
            tallies[name].note("not_run", label, "no case was sent")
    _show(console, tallies)
    _write(path, tallies, seed=seed)
    console.print(f"seed {seed}; written to {path}")
    sys.exit(0 if not any(tally.findings for tally in tallies.values()) else 1)


def _attacked(
    credentials: Credentials, services: list[str], *, cases: int, seed: int, console: Console
) -> dict[str, Tally]:
    """Go round the services until enough was sent; the first round has every phase, later ones draw anew."""
    tallies = {name: Tally(name) for name in services}
    number = 0
    while sum(tally.cases for tally in tallies.values()) < cases:
        for tally in tallies.values():
            wanted = (
                Round(seed, FIRST_EXAMPLES)
                if number == 0
                else Round(seed + number, LATER_EXAMPLES, ("fuzzing", "stateful"))
            )
            attack(tally, credentials, wanted)
        number += 1
        total = sum(tally.cases for tally in tallies.values())
        console.print(f"round {number}: {total:,} of {cases:,} cases")
    if "registry" in tallies:
        attack(tallies["registry"], credentials, Round(seed, FIRST_EXAMPLES, clock=True))
    for tally in tallies.values():
        attack(tally, credentials, Round(seed, 1, ("fuzzing",)))
    return tallies


def _row(tally: Tally) -> dict[str, int | float]:
    return {
        "operations": len(tally.operations),
        "cases": tally.cases,
        "checks": tally.checks,
        "stateful": tally.phases["stateful"],
        "answers_2xx": sum(n for status, n in tally.statuses.items() if status < 300),
        "answers_500": tally.count(lambda check: check == SERVER),
        "schema_breaks": tally.count(lambda check: check not in AUTH and check not in {SERVER, "not_run"}),
        "auth_bypasses": tally.count(lambda check: check in AUTH),
        "not_run": tally.count(lambda check: check == "not_run"),
        "seconds": round(tally.seconds, 1),
    }


def _show(console: Console, tallies: Mapping[str, Tally]) -> None:
    for number, found in enumerate(in_order(tallies)):
        if number == SHOWN:
            console.print("… and more")
            break
        console.print(f"[red]{found.check}[/] ×{found.times} {found.operation}", highlight=False)
        console.print(f"{found.said[:SAMPLE]}\n{found.request[:SAMPLE]}\n", markup=False, highlight=False)
    rows = {name: _row(tally) for name, tally in tallies.items()}
    total = {key: round(sum(row[key] for row in rows.values()), 1) for key in next(iter(rows.values()))}
    table = Table("service", *(key.replace("_", " ") for key in total))
    for name, row in {**rows, "together": total}.items():
        table.add_row(name, *(f"{value:,}" for value in row.values()))
    console.print(table)
    statuses = sum(
        (tally.statuses for tally in tallies.values()), start=type(next(iter(tallies.values())).statuses)()
    )
    console.print("answers: " + ", ".join(f"{status} ×{n:,}" for status, n in sorted(statuses.items())))


def _write(path: Path, tallies: Mapping[str, Tally], *, seed: int) -> None:
    written: dict[str, Any] = {
        "seed": seed,
        "services": {name: _row(tally) for name, tally in tallies.items()},
        "findings": [
            {"check": each.check, "operation": each.operation, "times": each.times, "said": each.said}
            for each in in_order(tallies)
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
