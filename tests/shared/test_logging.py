"""Logs that cannot be written cost lines, never a request."""

from pathlib import Path

import pytest

from shared.logging import Unbreakable


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_the_log_raises_nothing() -> None:
    with Path("/dev/full").open("w", buffering=1) as full:
        stream = Unbreakable(full)
        stream.write("a line\n")
        stream.flush()
        with pytest.raises(OSError, match="No space left"):
            full.write("a line\n")
        full.detach()
