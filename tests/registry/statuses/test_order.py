"""Order does not matter: the same facts in any order, any number of times, end in the same status.

The set-based way through SQL and the way through `decide` are two ways of working one thing out;
both are taken here, with the same histories.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.statuses import service
from registry.statuses.display import status_of
from registry.statuses.loading import limits_of
from shared.messages import Message, ResultsApplied, ReviewRecorded, SamplesBound
from tests.support.world import NOON, World, applied, as_negatives, bound, result, reviewed

LABS = ("LAB01", "LAB02")
ORDINARY = ("negative",) * 6
HOURS = st.sampled_from((-400, -170, -100, -71, -30, -24, -5, -5, -3, -1))


@st.composite
def histories(draw: st.DrawFn, *, people: int = 3) -> list[tuple[int, dict[str, Any]]]:
    """Draw what happens to a few people: (person, event), events naming each other by place."""
    events: list[tuple[int, dict[str, Any]]] = []
    results: list[tuple[int, dict[str, Any]]] = []
    for _ in range(draw(st.integers(1, 12))):
        person = draw(st.integers(0, people - 1))
        kind = draw(st.sampled_from(("sample", "result", "result", "result", "correction", "review")))
        own = [each for who, each in results if who == person]
        if kind == "sample":
            events.append((person, _sample(draw)))
        elif kind == "result" or not own:
            tubes = [each for who, each in events if who == person and each["kind"] == "sample"]
            event = _result(draw, draw(st.sampled_from((None, *tubes))))
            events.append((person, event))
            results.append((person, event))
        elif kind == "correction":
            event = _correction(draw, draw(st.sampled_from(own)))
            events.append((person, event))
            results.append((person, event))
        else:
            of = draw(st.sampled_from(own))
            # Each review of a result has a number of its own: of two with one number none is the newer.
            number = 1 + sum(each["kind"] == "review" and each["of"] is of for _, each in events)
            events.append((person, _review(draw, of, number)))
    return events


def _sample(draw: st.DrawFn) -> dict[str, Any]:
    code = f"T-{draw(st.integers(1, 4))}"
    paired = draw(st.sampled_from((None, None, "T-1", "T-2")))
    mode = draw(st.sampled_from(("single", "mixed")))
    return {
        "kind": "sample",
        "id": uuid4(),
        "code": code,
        "mode": mode,
        "paired": paired,
        "hours": draw(HOURS),
    }


def _result(draw: st.DrawFn, tube: dict[str, Any] | None) -> dict[str, Any]:
    outcomes = (*ORDINARY, "positive", "indeterminate", "invalid")
    return {
        "kind": "result",
        "id": row_id(),
        "outcome": draw(st.sampled_from(outcomes)),
        "mode": tube["mode"] if tube else draw(st.sampled_from(("single", "single", "mixed"))),
        "test_kind": draw(st.sampled_from(("pcr",) * 8 + ("antigen", "antibody"))),
        "hours": tube["hours"] if tube else draw(HOURS),
        "tested": draw(st.integers(1, 3)),
        "tube": tube,
        "lab": draw(st.sampled_from(LABS)),
        "replaces": None,
        "withdrawn": False,
    }


def row_id() -> UUID:
    """Return an id that may be that of a row: its number stands in the last 16 bits."""
    return UUID(int=uuid4().int & ~0xFFFF | 7)


def _correction(draw: st.DrawFn, old: dict[str, Any]) -> dict[str, Any]:
    return {
        **_result(draw, old["tube"]),
        "replaces": old,
        "withdrawn": draw(st.sampled_from((False, False, True))),
    }


def _review(draw: st.DrawFn, of: dict[str, Any], number: int) -> dict[str, Any]:
    verdict = draw(st.sampled_from(("confirmed", "refuted", "released")))
    return {
        "kind": "review",
        "id": uuid4(),
        "of": of,
        "revision": number,
        "verdict": verdict,
    }


def messages(events: Sequence[tuple[int, dict[str, Any]]], people: Sequence[UUID]) -> list[Message]:
    """Return the events as the messages that tell of them."""
    return [_message(event, people[who]) for who, event in events]


def _message(event: dict[str, Any], person: UUID) -> Message:
    if event["kind"] == "sample":
        return bound(
            person, tube_id=event["id"], tube_code=event["code"], mode=event["mode"],
            paired_with=event["paired"], collected_at=at(event["hours"]),
        )  # fmt: skip
    if event["kind"] == "review":
        return reviewed(
            event["of"]["id"], person, event["verdict"], revision=event["revision"], review_id=event["id"]
        )
    old, tube = event["replaces"], event["tube"]
    row = result(
        person, result_id=event["id"], outcome=event["outcome"], mode=event["mode"], test_kind=event["test_kind"],
        collected_at=at(event["hours"]), tested_at=at(event["hours"]) + timedelta(minutes=event["tested"]),
        tube_id=tube and tube["id"], tube_code=tube and tube["code"], paired_with=tube and tube["paired"],
        replaces=old and old["id"], withdrawn=event["withdrawn"],
        from_positive=bool(old) and old["outcome"] == "positive" and event["outcome"] != "positive",
    )  # fmt: skip
    return applied([row], lab_code=event["lab"], reported_at=at(event["hours"]) + timedelta(hours=1))


def at(hours: int) -> datetime:
    """Return a time before noon."""
    return NOON + timedelta(hours=hours)


def joined(listed: Sequence[Message], random: Random) -> list[Message]:
    """Return the messages with neighbouring results of one lab in one message, now and then."""
    out: list[Message] = []
    for message in listed:
        last = out[-1] if out else None
        if (
            isinstance(message, ResultsApplied)
            and isinstance(last, ResultsApplied)
            and (last.lab_code, last.reported_at) == (message.lab_code, message.reported_at)
            and random.random() < 0.8
        ):
            columns = {
                name: getattr(last, name) + getattr(message, name)
                for name in ResultsApplied.__struct_fields__
                if name not in ("lab_code", "reported_at")
            }
            out[-1] = ResultsApplied(lab_code=last.lab_code, reported_at=last.reported_at, **columns)
        else:
            out.append(message)
    return out


def seen(status: dict[str, Any]) -> dict[str, Any]:
    """Return what must not depend on the order."""
    last = status["last_result"] and {k: v for k, v in status["last_result"].items() if k != "reported_at"}
    keys = ("display", "pending_since", "due_on", "due_state", "clearance")
    return {**{key: status[key] for key in keys}, "last_result": last}


async def told(world: World, listed: Sequence[Message], people: Sequence[UUID]) -> list[dict[str, Any]]:
    """Tell people's messages and return what is then seen of them."""
    await world.tell(*listed)
    shown = await world.statuses(people)
    return [seen(shown[each]) for each in people]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), seed=st.integers(0, 2**32))
async def test_any_order_with_any_repeats_ends_in_the_same_status(
    world: World, events: list[tuple[int, dict[str, Any]]], seed: int
) -> None:
    if not await world.value("SELECT count(*) FROM registry.category"):
        await world.category("8A1", days=7)
        await world.category("7C", months=1)
    random = Random(seed)
    category = random.choice(("8A1", "8A1", "7C", None))
    ordered = await world.people(3, category=category)
    shuffled = await world.people(3, category=category)
    straight = await told(world, messages(events, ordered), ordered)

    again = [*events, *random.sample(events, random.randint(0, len(events)))]
    random.shuffle(again)
    listed = [
        (random.random() < 0.5 and isinstance(each, ResultsApplied) and as_negatives(each)) or each
        for each in joined(messages(_of_their_own(again), shuffled), random)
    ]
    assert await told(world, listed, shuffled) == straight
    await assert_as_decided(world, [*ordered, *shuffled])


def _of_their_own(events: Sequence[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """Return the events with ids of their own, so that two tellings do not share reviews."""
    new: dict[UUID, UUID] = {}

    def renamed(event: Any) -> Any:
        if not isinstance(event, dict):
            return event
        copy = {name: renamed(value) for name, value in event.items()}
        copy["id"] = new.setdefault(event["id"], row_id())
        return copy

    return [(who, renamed(event)) for who, event in events]


async def assert_as_decided(world: World, people: Sequence[UUID]) -> None:
    """Compare what is stored with what the rules say of the facts."""
    limits = limits_of(world.context.settings)
    async with world.context.db.transaction() as session:
        stored = await service.rows_of(session, world.context, person_ids=people, now=world.now)
        decided = await service.rows_as_of(session, world.context, person_ids=people, as_of=world.now)
    for person in people:
        one, other = (status_of(rows[person], world.now, limits) for rows in (stored, decided))
        assert _without_reported_at(one) == _without_reported_at(other)
        assert stored[person].counted_on == decided[person].counted_on
        assert stored[person].due_on == decided[person].due_on


def _without_reported_at(status: Any) -> Any:
    last = status.last_result
    return (
        status.display, status.pending_since, status.due_on, status.due_state, status.reasons,
        last and (last.outcome, last.mode, last.collected_at, last.tested_at, last.lab_code, last.reviewed),
    )  # fmt: skip


@pytest.mark.parametrize("number", range(3))
async def test_handlers_at_work_at_the_same_time_lose_nothing_and_end_the_same(
    world: World, number: int
) -> None:
    await world.category(days=7)
    random = Random(number)
    people = await world.people(40, category="8A1")
    rows: list[list[dict[str, Any]]] = [[] for _ in range(12)]
    for person in people:
        for place in random.sample(range(12), 4):
            rows[place].append(
                result(
                    person,
                    collected_at=at(-random.randint(1, 200)),
                    outcome=random.choice((*ORDINARY, "positive", "invalid")),
                )
            )
    for each in rows:
        random.shuffle(each)
    await asyncio.gather(*(world.tell(applied(each)) for each in rows if each))
    await assert_as_decided(world, people)


async def test_negatives_as_columns_leave_facts_and_feed_as_their_rows_would(world: World) -> None:
    await world.category(days=7)
    people = await world.people(30, category="8A1")
    waiting, positive, older = people[:3]
    await world.tell(
        bound(waiting, collected_at=at(-2)),
        applied([result(positive, outcome="positive", collected_at=at(-9))]),
        applied([result(older, collected_at=NOON)]),
    )
    await world.sequence()
    head = await world.value("SELECT seq FROM registry.feed_head")
    batch = uuid4().int & ~0xFFFF
    rows = [
        result(each, collected_at=at(-5), mode=("single", "mixed")[n % 2], result_id=UUID(int=batch | n + 1))
        for n, each in enumerate([*people, people[9]])
    ]
    before = await world.value("SELECT count(*) FROM registry.ledger_entry")
    columns = as_negatives(applied(rows))
    assert columns is not None
    await world.tell(columns, columns)
    assert await world.value("SELECT count(*) FROM registry.ledger_entry") - before == len(rows)
    ids = await world.value("SELECT array_agg(entry_id) FROM registry.ledger_entry")
    assert {row["result_id"] for row in rows} <= set(ids)
    await assert_as_decided(world, people)
    await world.sequence()
    told_of = await world.value(
        "SELECT array_agg(p) FROM registry.feed_block, unnest(person_ids) AS p WHERE first_seq > :head",
        head=head,
    )
    assert set(people[3:]) <= set(told_of)


def test_messages_of_a_history_are_of_the_three_kinds() -> None:
    person = uuid4()
    sample = {"kind": "sample", "id": uuid4(), "code": "T-1", "mode": "single", "paired": None, "hours": -1}
    assert isinstance(_message(sample, person), SamplesBound)
    review = {"kind": "review", "id": uuid4(), "of": sample, "revision": 1, "verdict": "refuted"}
    assert isinstance(_message(review, person), ReviewRecorded)
