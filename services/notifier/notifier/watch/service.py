"""Reads how each channel is, for people and for the metrics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from prometheus_client import Gauge
from sqlalchemy import RowMapping

from notifier.notices.service import Notifier
from notifier.watch import queries
from notifier.watch.canary import SECONDS_A_MINUTE, has_address
from notifier.watch.rules import state_of
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all

DEPTH: Final = Gauge("yingjian_channel_depth", "Deliveries that wait and may go", ["channel", "urgent"])
OLDEST: Final = Gauge("yingjian_channel_oldest_seconds", "Age of the oldest that may go", ["channel"])
HELD: Final = Gauge("yingjian_channel_held", "Deliveries over a cap that wait for their digest", ["channel"])
FAILING: Final = Gauge("yingjian_channel_failing", "1 while a channel's last attempts failed", ["channel"])
CANARY_AGE: Final = Gauge("yingjian_channel_canary_age_seconds", "Since the last good canary", ["channel"])
FAILED: Final = Gauge("yingjian_notices_failed", "Notices that nobody got", ["recipient_type"])


async def channels(session: Session, context: Notifier, *, now: datetime) -> list[dict[str, Any]]:
    """Return the state of each channel in use, by name."""
    return [_shown(context, row) for row in await _rows(session, context, now=now)]


async def gauge(session: Session, context: Notifier) -> None:
    """Put the state of each channel into the metrics."""
    now = await context.clock.now(session)
    for row in await _rows(session, context, now=now):
        channel = row["channel"]
        DEPTH.labels(channel, "true").set(row["urgent"])
        DEPTH.labels(channel, "false").set(row["ordinary"])
        HELD.labels(channel).set(row["held"])
        OLDEST.labels(channel).set(max(0.0, float(row["oldest"] or 0)))
        FAILING.labels(channel).set(row["failing_since"] is not None)
        if row["canary_age"] is not None:
            CANARY_AGE.labels(channel).set(float(row["canary_age"]))
    FAILED.clear()
    for row in await fetch_all(session, queries.FAILED):
        FAILED.labels(row["recipient_type"]).set(row["notices"])


async def _rows(session: Session, context: Notifier, *, now: datetime) -> Sequence[RowMapping]:
    return await fetch_all(session, queries.STATES, channels=list(context.settings.channels), now=now)


def _shown(context: Notifier, row: RowMapping) -> dict[str, Any]:
    settings = context.settings
    age = None if row["canary_age"] is None else float(row["canary_age"])
    beats = bool(settings.canary_minutes) and has_address(settings, row["channel"])
    return {
        "channel": row["channel"],
        "state": state_of(
            failing=row["failing_since"] is not None,
            canary_age=age if beats else None,
            late_seconds=settings.canary_late_minutes * SECONDS_A_MINUTE,
            succeeded=row["success_at"] is not None,
        ),
        "last_success_at": _at(row["success_at"]),
        "failing_since": _at(row["failing_since"]),
        "failures": row["failures"] or 0,
        "last_error": row["error"],
        "last_error_at": _at(row["error_at"]),
        "queue": {"urgent": row["urgent"], "ordinary": row["ordinary"], "held": row["held"]},
        "oldest_seconds": None if row["oldest"] is None else round(max(0.0, float(row["oldest"])), 3),
        "canary": {
            "sent_at": _at(row["canary_at"]),
            "handed_at": _at(row["canary_handed_at"]),
            "delivered_at": _at(row["canary_delivered_at"]),
            "last_good_at": _at(row["canary_good_at"]),
            "age_seconds": None if age is None else round(age, 3),
            "error": row["canary_error"],
        }
        if beats
        else None,
    }


def _at(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(SHANGHAI)
