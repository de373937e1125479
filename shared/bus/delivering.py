"""One delivery: claim, commit the claim, then effect and done-mark in one transaction."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import TextClause

from shared.bus import queries
from shared.bus.types import Handlers
from shared.context import Context
from shared.db import LONG_SECONDS, Session, execute, fetch_many
from shared.db_errors import RETRIED_STATES, is_outage, sqlstate
from shared.messages import decode
from shared.retry import MAX_ATTEMPTS, Again, Dead, after_failure

_log = structlog.get_logger()
DEADLOCK_ATTEMPTS = 5
UNAVAILABLE_SECONDS = 0.5


class Fenced(Exception):  # noqa: N818 - an expected outcome, not a fault
    """The lease ran out and another worker has the delivery now."""


class WorkerLost(Exception):  # noqa: N818 - says what happened
    """Every attempt ended without a word: whatever is in it takes its worker down."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours until its lease ends, by our token."""

    row: Mapping[str, Any]
    token: UUID


@dataclass(frozen=True, slots=True)
class Inbox:
    """A consumer's way to its deliveries; `seconds` is the longest transaction of a handler."""

    context: Context[Any]
    handlers: Handlers
    seconds: float = LONG_SECONDS

    async def take_named(self, ids: Sequence[UUID]) -> None:
        """Handle every one of these deliveries that is due and nobody else's, the oldest first."""
        left = set(ids)
        while left and (claim := await self._claim(queries.CLAIM_NAMED, ids=list(left))) is not None:
            left.discard(claim.row["message_id"])
            await self.handle(claim)

    async def claim_due(self, *, urgent: bool, older_than: float) -> Claimed | None:
        """Claim one delivery that has been due for longer than `older_than` seconds."""
        # Looked for by reading first: nearly always there is nothing, and reading costs less than claiming.
        due = await self.context.reads.fetch(queries.ANY_DUE, self.context.service, urgent, older_than)
        return await self._claim(queries.CLAIM_DUE, urgent=urgent, age=older_than) if due else None

    async def _claim(self, statement: TextClause, **which: Any) -> Claimed | None:  # noqa: ANN401 - values of a statement
        token = uuid4()
        claimed = await self.context.db.at_once(
            statement,
            consumer=self.context.service,
            token=token,
            lease=self.context.settings.bus_lease_seconds,
            **which,
        )
        return Claimed(claimed[0], token) if claimed else None

    async def handle(self, claim: Claimed) -> None:
        """Do what a claimed delivery asks for and settle it, whatever comes of it."""
        row = claim.row
        with structlog.contextvars.bound_contextvars(
            message_id=str(row["message_id"]), name=row["name"], attempt=row["attempt"]
        ):
            await self._handle(row, claim.token)

    async def _handle(self, claimed: Mapping[str, Any], token: UUID) -> None:
        began = time.monotonic()
        try:
            _refuse_lost(claimed["attempt"])
            await self._apply_with_retries(claimed, token)
        except Fenced:
            _log.warning("delivery_fenced")
        except asyncio.CancelledError:
            with suppress(Exception):  # its lease ends soon
                await asyncio.shield(self._settle(queries.GIVE_BACK, claimed, token))
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, its delivery must be settled
            await self._failed(claimed, token, error)
        else:
            _log.debug("delivered", seconds=round(time.monotonic() - began, 4))

    async def _apply_with_retries(self, claimed: Mapping[str, Any], token: UUID) -> None:
        for attempt in range(1, DEADLOCK_ATTEMPTS + 1):
            try:
                return await self._apply(claimed, token)
            except Exception as error:
                if attempt == DEADLOCK_ATTEMPTS or sqlstate(error) not in RETRIED_STATES:
                    raise
        return None

    async def _apply(self, claimed: Mapping[str, Any], token: UUID) -> None:
        message = decode(claimed["name"], claimed["version"], claimed["body"])
        key = {"message_id": claimed["message_id"], "consumer": self.context.service}
        async with self.context.db.transaction(seconds=self.seconds) as session:
            if not await fetch_many(session, queries.LOCK_MINE, token=token, **key):
                raise Fenced
            await self.handlers[type(message)](session, message, self.context)
            await fetch_many(session, queries.SETTLE_DONE, **key)

    async def _failed(self, claimed: Mapping[str, Any], token: UUID, error: Exception) -> None:
        if is_outage(error):
            await self._put_back(claimed, token, error)
            return
        decision = after_failure(claimed["attempt"])
        code = sqlstate(error) or type(error).__name__
        match decision:
            case Again(seconds):
                _log.warning("delivery_failed", seconds=seconds, exc_info=error)
                await self._settle(
                    queries.SETTLE_FAILED, claimed, token, state="pending", wait=seconds, error=code
                )
            case Dead():
                _log.error("delivery_dead", exc_info=error)
                await self._settle(queries.SETTLE_FAILED, claimed, token, state="dead", wait=0.0, error=code)

    async def _put_back(self, claimed: Mapping[str, Any], token: UUID, error: Exception) -> None:
        """Give a delivery back with its attempt: an outage or a full disk, however long, kills none.

        Tried until the lease is over; then whoever claims it has it, and an attempt is counted.
        """
        _log.warning("delivery_put_back", exc_info=error)
        until = time.monotonic() + self.context.settings.bus_lease_seconds
        while time.monotonic() < until:
            await asyncio.sleep(UNAVAILABLE_SECONDS)
            with suppress(Exception):
                await self._settle(queries.GIVE_BACK, claimed, token)
                return

    async def _settle(
        self,
        statement: TextClause,
        claimed: Mapping[str, Any],
        token: UUID,
        **parameters: Any,  # noqa: ANN401 - values of a statement
    ) -> None:
        async def settle(session: Session) -> None:
            await execute(
                session,
                statement,
                message_id=claimed["message_id"],
                consumer=self.context.service,
                token=token,
                **parameters,
            )

        await self.context.db.run(settle)


def _refuse_lost(attempt: int) -> None:
    if attempt > MAX_ATTEMPTS:
        raise WorkerLost
