"""results-ingest to notifier: what venues report of themselves. Counts, no names."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class VenueReported(Message, frozen=True):
    """A venue filed what it sampled on a day: people (人次), the others in samples (份); zeros count."""

    name: ClassVar[str] = "venue.reported"

    report_id: UUID
    unit_code: str
    day: str
    people: int
    environment: int
    surfaces: int
    goods: int
    at: str
