"""registry and results-ingest: a test owed before there is a tube, how far it is, until when. No names."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class OrderChanged(Message, frozen=True):
    """An order as it stands; the highest `revision` of one counts, in any order.

    `kind`: that of its event, `arrival`, `fever_visit`, `suspected_case`, or `recheck_retained`,
    `recheck_new` of a member of a pool; `state`: `open`, `sampled`, `resulted`, `ended` (taken back).
    `code`: the tube that gave rise to it; `lab_code`: which laboratory has the sample already.
    """

    name: ClassVar[str] = "order.changed"

    order_id: UUID
    revision: int
    kind: str
    person_id: UUID
    unit_code: str | None
    township_code: str | None
    opened_at: str
    registered_at: str
    state: str
    sampled_at: str | None
    resulted_at: str | None
    code: str | None = None
    lab_code: str | None = None


class OrderTimed(Message, frozen=True):
    """Until when a re-check is owed, by the limit of its day; told for a `revision` of its order."""

    name: ClassVar[str] = "order.timed"

    order_id: UUID
    revision: int
    due_at: str
