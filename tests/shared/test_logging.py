"""Logs that cannot be written cost lines, never a request."""

import errno
import io

import pytest

from shared.logging import Unbreakable


class FullDisk(io.StringIO):
    """A file on a disk without room."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_behind_the_log_raises_nothing() -> None:
    full = FullDisk()
    with pytest.raises(OSError, match="No space left"):
        full.write("a line\n")

    stream = Unbreakable(full)
    stream.write("a line\n")
    stream.flush()
