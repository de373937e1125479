"""What the terminal shows: the children's lines behind a prefix, and our own."""

import os
import sys
from typing import Final, TextIO

WIDTH: Final = 22
COLOURS: Final = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)


class Console:
    """Writes whole lines; in colour where a person watches."""

    def __init__(self, output: TextIO = sys.stdout) -> None:
        self._output = output
        self._coloured = output.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}

    def say(self, line: str) -> None:
        """Print a line of our own."""
        self._write(f"{self._paint('yingjian', 1)} {line}\n")

    def show(self, name: str, line: bytes) -> None:
        """Print a child's line."""
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        text = line.decode("utf-8", "replace").rstrip()
        self._write(f"{self._paint(name, colour)} {text}\n")

    def plain(self, text: str) -> None:
        """Print text as it is."""
        self._write(text + "\n")

    def _paint(self, name: str, colour: int) -> str:
        padded = f"{name:<{WIDTH}}|"
        return f"\x1b[{colour}m{padded}\x1b[0m" if self._coloured else padded

    def _write(self, text: str) -> None:
        try:
            self._output.write(text)
            self._output.flush()
        except OSError:  # the terminal is gone; the log files go on
            self._output = open(os.devnull, "w")  # noqa: SIM115, PTH123 - kept open on purpose
