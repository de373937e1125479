"""What every test of the limits has: a machine that may be busy."""

import pytest

from shared.limits import limiter as limits


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine read the shared rows: falling to the floor has a test of its own."""
    monkeypatch.setattr(limits, "OPEN_SECONDS", 30.0)
