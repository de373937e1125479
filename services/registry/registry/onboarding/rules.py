"""When a report is passed. Pure: it is worked out from the cases, whatever the report says of itself."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any


def is_passed(
    script: str, cases: Sequence[Mapping[str, Any]], *, scripts: Collection[str], needed: Collection[str]
) -> bool:
    """Say whether a report is of a script that counts, has every case once, and got what was expected."""
    names = [case["case"] for case in cases]
    complete = len(names) == len(set(names)) and set(needed) <= set(names)
    return script in scripts and complete and all(map(_as_expected, cases))


def _as_expected(case: Mapping[str, Any]) -> bool:
    return all(step["expected"] == step["got"] for step in case["steps"])
