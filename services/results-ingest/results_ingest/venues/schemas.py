"""What venues send."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from results_ingest.tubes.schemas import MAX_TUBES, MemberIn, number
from shared.web.types import Code, Day, Time, WireModel

MOST_MEMBERS = 20


class VenueIn(WireModel):
    """A client that files for a venue."""

    client_id: Code
    unit_code: Code


class VenueSampleIn(WireModel):
    """A sample that a venue took: of people, or of a thing, which has no members."""

    tube_code: Code
    kind: Literal["person", "environment", "surface", "food", "package", "container"]
    mode: Literal["single", "mixed"] = "single"
    capacity: Annotated[Literal[1, 5, 10, 20], BeforeValidator(number)] = 1
    members: list[MemberIn] = Field(default=[], max_length=MOST_MEMBERS)
    collected_at: Time
    lab_code: Code | None = None
    site_code: Code | None = None
    packet_code: Code | None = None


class VenueReportIn(WireModel):
    """What a venue sampled on a day; nothing at all is a report too, and silence is none."""

    report_no: Code
    day: Day
    samples: list[VenueSampleIn] = Field(max_length=MAX_TUBES)
