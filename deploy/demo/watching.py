"""The platform's side: reads the feed of statuses and notes when each result shows (contract §4)."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from deploy.demo.client import Api

PAGE: Final = 10_000
PAUSE: Final = 0.05
SETTLED: Final = frozenset({"positive", "under_recheck"})


@dataclass(slots=True)
class Watch:
    """What a reader of the feed knows: `shown` is by (health code, tested_at), in monotonic seconds."""

    platform: Api
    cursor: str | None = None
    shown: dict[tuple[str, datetime], float] = field(default_factory=dict)
    displays: dict[str, str] = field(default_factory=dict)
    collected: dict[str, datetime] = field(default_factory=dict)
    as_of: datetime | None = None


async def catch_up(watch: Watch) -> None:
    """Read until the feed has no more at once."""
    while await _read(watch):
        pass


async def follow(watch: Watch) -> None:
    """Read for ever; the caller cancels."""
    while True:
        if not await _read(watch):
            await asyncio.sleep(PAUSE)


def hides_negatives(watch: Watch) -> dict[str, datetime | None]:
    """Return who shows no negative at all (None), or none that was collected before a moment."""
    held = {code: None for code, display in watch.displays.items() if display in SETTLED}
    return {**watch.collected, **held}


async def _read(watch: Watch) -> bool:
    page = await watch.platform.get("/v1/status-changes", cursor=watch.cursor, limit=PAGE)
    seen = time.monotonic()
    for change in page["changes"]:
        _note(watch, change, seen)
    watch.cursor = page["next_cursor"]
    more: bool = page["more"]
    return more


def _note(watch: Watch, change: dict[str, Any], seen: float) -> None:
    code = change["health_code_id"]
    if change.get("removed"):
        watch.displays.pop(code, None)
        return
    watch.displays[code] = change["display"]
    watch.as_of = datetime.fromisoformat(change["as_of"])
    if last := change["last_result"]:
        watch.collected[code] = datetime.fromisoformat(last["collected_at"])
        watch.shown.setdefault((code, datetime.fromisoformat(last["tested_at"])), seen)
