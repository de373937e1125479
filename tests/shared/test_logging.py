"""Logs that cannot be written cost lines, never a request."""

import errno
from typing import TextIO, cast

import pytest

from shared.logging import Unbreakable


class FullDisk:
    """A file on a disk without room."""

    def write(self, _: str) -> int:
        """Fail as a full disk does."""
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        """Fail likewise."""
        self.write("")


def test_a_full_disk_behind_the_log_raises_nothing() -> None:
    full = FullDisk()
    with pytest.raises(OSError, match="No space left"):
        full.write("a line\n")

    stream = Unbreakable(cast("TextIO", full))
    stream.write("a line\n")
    stream.flush()
