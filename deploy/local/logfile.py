"""A child's log: whole lines, of bounded size, and never a reason to stop anybody."""

from contextlib import suppress
from pathlib import Path
from typing import Final

LIMIT: Final = 50 * 1024 * 1024


class LogFile:
    """Appends lines; a full file becomes `.log.1` while the child goes on, and a full disk costs lines only.

    The file is opened for each line, so that one which was moved or removed is made anew.
    """

    def __init__(self, path: Path, *, limit: int = LIMIT) -> None:
        self._path = path
        self._limit = limit

    def write(self, line: bytes) -> None:
        """Append a line, or drop it where there is no room."""
        with suppress(OSError), self._path.open("ab", buffering=0) as log:
            if log.tell() + len(line) > self._limit and log.tell() > 0:
                self._path.replace(self._path.with_suffix(".log.1"))
                with self._path.open("ab", buffering=0) as fresh:
                    fresh.write(line)
                return
            log.write(line)
