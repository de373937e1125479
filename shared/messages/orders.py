"""registry to results-ingest: a test owed before there is a tube, and how far it has come. No names."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class OrderChanged(Message, frozen=True):
    """An order as it stands; the highest `revision` of one counts, in any order.

    `kind`: that of its event, `arrival`, `fever_visit`, `suspected_case`; `state`: `open`, `sampled`,
    `resulted`, `ended` (taken back).
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
