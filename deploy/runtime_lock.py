"""Reads requirements.lock on standard input and writes the part that a running service needs.

The lock also pins the test tools and the embedded servers; an image should carry neither. Arguments: the
extras that it should carry. Standard library only: it runs before anything is installed.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def runtime_part(lock: str, roots: Iterable[str]) -> str:
    """Return the entries of `roots` and of everything that they need, with pins and hashes."""
    entries = _entries(lock)
    needed_by = {name: _parents(text) for name, text in entries.items()}
    chosen = {_normal(root) for root in roots} & entries.keys()
    while more := {name for name, parents in needed_by.items() if parents & chosen} - chosen:
        chosen |= more
    return "".join(text for name, text in entries.items() if name in chosen)


def declared(pyproject: Mapping[str, Any], extras: Iterable[str] = ()) -> list[str]:
    """Return the names of the dependencies, of the build backend and of the extras that are wanted."""
    project = pyproject["project"]
    wanted = [*project["dependencies"], *pyproject["build-system"]["requires"]]
    wanted += [text for extra in extras for text in project["optional-dependencies"][extra]]
    return [found.group() for text in wanted if (found := _NAME.match(text))]


def _entries(lock: str) -> dict[str, str]:
    """Return each package's lines by its name; continuation and comment lines are indented."""
    entries: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        if found := _NAME.match(line):
            name = _normal(found.group())
            entries[name] = ""
        if name:
            entries[name] += line
    return entries


def _parents(entry: str) -> set[str]:
    """Return who needs a package, from the `# via` lines of its entry."""
    words = re.findall(r"^\s+#\s+(?:via\s+)?([A-Za-z0-9._-]+)", entry, re.MULTILINE)
    return {_normal(word) for word in words} - {"via"}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Filter standard input."""
    pyproject = Path(__file__).resolve().parents[1] / "pyproject.toml"
    roots = declared(tomllib.loads(pyproject.read_text()), sys.argv[1:])
    sys.stdout.write(runtime_part(sys.stdin.read(), roots))


if __name__ == "__main__":
    main()
