"""Publishing: message and deliveries in the caller's transaction, the wake-up after its commit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.bus import queries
from shared.db import Session, after_commit, execute
from shared.ids import new_id
from shared.messages import Message, encode
from shared.routing import ROUTES, queue_name

Wakes = dict[str, list[UUID]]


async def publish(session: Session, message: Message, *, now: datetime, urgent: bool = False) -> None:
    """Write `message` for each of its consumers; KeyError if routing does not know its name."""
    await publish_all(session, [message], now=now, urgent=urgent)


async def publish_all(
    session: Session, messages: Sequence[Message], *, now: datetime, urgent: bool = False
) -> None:
    """Do what `publish` does for many messages of one kind: two statements, however many they are."""
    if not messages:
        return
    ((name, version),) = {(each.name, each.version) for each in messages}
    consumers = list(ROUTES[name])
    ids = [new_id(now) for _ in messages]
    bodies = [encode(each) for each in messages]
    await execute(session, queries.INSERT_MESSAGES, ids=ids, name=name, version=version, bodies=bodies)
    await execute(session, queries.INSERT_DELIVERIES, ids=ids, consumers=consumers, urgent=urgent)
    for message_id in ids:
        _wake_after_commit(session, message_id, [queue_name(each, urgent=urgent) for each in consumers])


def _wake_after_commit(session: Session, message_id: UUID, queues: list[str]) -> None:
    wakes: Wakes = session.info.setdefault("wakes", {})
    for queue in queues:
        wakes.setdefault(queue, []).append(message_id)
    nudger = session.info.get("nudger")
    if nudger is None:
        return

    async def nudge() -> None:
        for queue, ids in session.info.pop("wakes", {}).items():
            nudger.nudge(queue, ids)

    after_commit(session, "bus", nudge)
