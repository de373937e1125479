"""A clock that a test moves, a laboratory, and its batches."""

import time
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from shared.clock import SHANGHAI
from tests.support.system import System

TIGHT: Final = {"laboratory": {"requests": (0.1, 3)}, "office": {"unknown": (0.1, 3)}}


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def stop_clocks(system: System) -> Hand:
    """Let every service's limits follow one clock."""
    hand = Hand()
    for app in system.apps.values():
        app.state.limiter.clock = hand
    return hand


async def laboratory(system: System, code: str = "LAB01") -> httpx.AsyncClient:
    admin = await system.client("results-ingest", scopes=["admin"])
    await admin.post("/v1/labs", json={"lab_code": code, "name": code})
    return await system.client(
        "results-ingest", scopes=["results:write"], client_id=f"client-{code}", lab_code=code
    )


def batch(number: int, outcome: str = "negative") -> dict[str, Any]:
    tested = (datetime.now(SHANGHAI) - timedelta(hours=1)).replace(microsecond=0)
    row = {"health_code_id": f"HC-{number:06d}", "outcome": outcome, "tested_at": tested.isoformat()}
    return {"batch_no": f"B-{number}", "results": [row]}
