"""`python -m deploy.lints`: the rules that only this project has, which ruff cannot know.

1. Only shared/db.py commits. A commit in the middle of a use case parts an effect from its
   acknowledgement; one that leaked would be found by losing data.
2. No `:name::type` in a statement: SQLAlchemy takes it for text, and the parameter is never bound.
3. No `datetime.now(…)` in a service: a process's own clock may be wrong or step. PostgreSQL's decides, by
   the business clock or by `Database.now`; commands, and what only names a file or stamps a line, may.
4. A route that opens a transaction of its own says whose rows it shows: `transaction(limits=who.limits)`.
   One without sees every area's, and row-level security would be no second wall.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SERVING: Final = ("services", "shared")
CODE: Final = ("services", "shared", "migrations", "deploy")
MAY_COMMIT: Final = Path("shared/db.py")
OWN_CLOCK: Final = tuple(
    Path("services") / each
    for each in (
        "registry/registry/identity/bootstrap.py",
        "registry/registry/identity/rotate.py",
        "registry/registry/categories/load.py",
        "notifier/notifier/channels/outbox.py",
        "results-ingest/results_ingest/batches/journal.py",
    )
)
DOUBLE_COLON: Final = re.compile(r"(?<!:):[a-z_]\w*::")


def findings(path: Path, source: str) -> Iterator[str]:
    """Yield each breach in a file, as `path:line: what`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="commit")) if path != MAY_COMMIT:
                yield f"{path}:{node.lineno}: commits; only {MAY_COMMIT} may"
            case ast.Call(func=ast.Name(id="sql"), args=[ast.Constant(value=str(text))]):
                if DOUBLE_COLON.search(text):
                    yield f"{path}:{node.lineno}: writes :name::type; write CAST(:name AS type)"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr="now")) if (
                path.parts[0] in SERVING and path not in OWN_CLOCK
            ):
                yield f"{path}:{node.lineno}: asks the process's own clock; ask PostgreSQL's"
            case ast.Call(func=ast.Attribute(attr="transaction"), keywords=given) if _is_of_routes(path):
                if all(each.arg != "limits" for each in given):
                    yield f"{path}:{node.lineno}: opens a transaction without limits=who.limits"
            case _:
                pass


def _is_of_routes(path: Path) -> bool:
    return path.stem.endswith("routes")


def main() -> int:
    """Print every breach; return how the check went."""
    found = [
        finding
        for folder in CODE
        for path in sorted((ROOT / folder).rglob("*.py"))
        for finding in findings(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
    ]
    sys.stdout.write("".join(f"{finding}\n" for finding in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
