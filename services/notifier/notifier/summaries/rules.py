"""Pure: a day's figures of what was filed."""

from collections.abc import Mapping, Sequence
from typing import Any


def figures(fields: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return how many reports were owed, filed, zero, late and missing, who is missing, and the sums.

    Rows come in the order of their slots. A count is added over slots (`sum`), taken from the newest slot
    that its body filed (`last`), or not added up (`none`). Zero is filed, and counted apart; silence
    adds nothing and is named.
    """
    filed = [row for row in rows if row["state"] in ("filed", "zero")]
    missing = [row for row in rows if row["state"] == "missing"]
    return {
        "owed": len(rows),
        "filed": len(filed),
        "zero": sum(row["state"] == "zero" for row in filed),
        "late": sum(bool(row["late"]) for row in filed),
        "missing": len(missing),
        "open": len(rows) - len(filed) - len(missing),
        "sums": {field["name"]: _total(field, filed) for field in fields if field["rollup"] != "none"},
        "missing_bodies": [{**row["body"], "slot": row["slot"]} for row in missing],
    }


def _total(field: Mapping[str, Any], filed: Sequence[Mapping[str, Any]]) -> int:
    name = field["name"]
    if field["rollup"] == "last":
        return sum(
            {(row["body"]["type"], row["body"]["code"]): row["counts"].get(name, 0) for row in filed}.values()
        )
    return sum(row["counts"].get(name, 0) for row in filed)
