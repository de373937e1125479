"""The pure parts of channels: routes, circuits, caps, signatures."""

from datetime import date, datetime, time
from typing import Any

import pytest

from notifier.caps.rules import digest_due, last_of, over_cap
from notifier.channels.circuit import Circuit
from notifier.routing.rules import Route, ways
from notifier.watch.rules import state_of
from shared.clock import SHANGHAI
from shared.webhooks.rules import headers_of, secret_bytes, secret_text, signed_id

URGENT = Route(("gateway", "smtp"), mode="all", urgent=True)
PEOPLE = Route(("gateway",), recipients=("person",), kinds=("reminder.*",))
BODIES = Route(("smtp", "file"))
ROUTES = {date(2026, 1, 1): (URGENT, PEOPLE, BODIES), date(2026, 12, 1): (Route(("file",)),)}


@pytest.mark.parametrize(
    ("today", "recipient", "kind", "urgent", "wanted"),
    [
        ("2025-12-31", "person", "reminder.due", False, [("file",), ("gateway",)]),
        ("2026-01-01", "cdc", "alert.positive", True, [("gateway",), ("smtp",)]),
        ("2026-11-30", "person", "reminder.due", False, [("gateway",)]),
        ("2026-11-30", "person", "task.answer", False, [("smtp", "file")]),
        ("2026-12-01", "cdc", "alert.positive", True, [("file",)]),
    ],
)
def test_the_newest_routes_that_have_begun_hold_and_the_first_that_fits_is_taken(
    today: str, recipient: str, kind: str, *, urgent: bool, wanted: list[tuple[str, ...]]
) -> None:
    found = ways(("file", "gateway"), ROUTES, today=date.fromisoformat(today), recipient_type=recipient,
                 kind=kind, urgent=urgent)  # fmt: skip
    assert found == wanted


def test_a_channel_rests_after_failures_in_a_row_and_works_again_with_one_success() -> None:
    circuit = Circuit(failures=2, seconds=1.0)
    assert circuit.may_try(0.0, 9) == 9
    circuit.learn("unknown", 0.0)
    assert circuit.may_try(0.1, 9) == 9
    circuit.learn("failed", 0.2)
    assert (circuit.may_try(0.3, 9), circuit.may_try(1.3, 9), circuit.may_try(1.4, 9)) == (0, 1, 0)
    circuit.learn("refused", 1.5)  # it answers
    assert circuit.may_try(1.5, 9) == 9


def test_caps_and_digests() -> None:
    assert [over_cap(told, 3, 2) for told in (1, 2, 3, 5, 9)] == [0, 0, 1, 3, 3]
    assert last_of({"a": [1, 2, 3], "b": [4]}, {"a": 2}) == [2, 3]
    morning = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
    assert digest_due(morning, time(17)) == morning.replace(hour=17)
    assert digest_due(morning.replace(hour=17), time(17)) == morning.replace(day=24, hour=17)


def test_a_call_is_known_by_its_signature_and_its_time() -> None:
    at = datetime(2030, 1, 1, tzinfo=SHANGHAI)
    headers = headers_of(event_id="e-1", at=at, body=b"{}", secrets=[b"old", b"new"], attempt=1)
    now = at.timestamp()
    good: dict[str, Any] = {"secret": b"new", "now": now, "window": 5.0}
    assert signed_id(headers, b"{}", **good) == "e-1"
    assert signed_id(headers, b"{ }", **good) is None
    assert signed_id(headers, b"{}", **good | {"secret": b"none"}) is None
    assert signed_id(headers, b"{}", **good | {"now": now + 6}) is None
    for name, value in (("webhook-id", "e-2"), ("webhook-timestamp", "x"), ("webhook-timestamp", "²"),
                        ("webhook-signature", "v1,é"), ("webhook-id", "")):  # fmt: skip
        assert signed_id({**headers, name: value}, b"{}", **good) is None
    assert signed_id({}, b"{}", **good) is None
    assert secret_bytes(secret_text(b"key")) == b"key"


def test_a_channel_is_silent_whatever_else_was_taken_when_no_canary_came_through() -> None:
    known: dict[str, Any] = {"failing": False, "canary_age": 5.0, "late_seconds": 10.0, "succeeded": True}
    assert state_of(**known) == "up"
    assert state_of(**known | {"canary_age": 11.0}) == "silent"
    assert state_of(**known | {"failing": True}) == "failing"
    assert state_of(**known | {"canary_age": None, "succeeded": False}) == "unknown"
