"""What postings and figures of teams look like on the wire."""

from typing import Annotated, Final

from pydantic import Field

from shared.web.types import Code, Time, WireModel

MOST_POSTINGS: Final = 1_000


class PostingIn(WireModel):
    """A team at a site for a time; `withdrawn` takes back what stands there from this beginning on."""

    team_code: Code
    site_code: Code
    begins_at: Time
    ends_at: Time
    withdrawn: bool = False


class PostingsIn(WireModel):
    """Postings, taken all or none; of a site and a beginning the newest holds."""

    postings: Annotated[list[PostingIn], Field(min_length=1, max_length=MOST_POSTINGS)]


_POSTING: Final = {
    "team_code": "TEAM-001",
    "site_code": "SITE-01",
    "begins_at": "2026-11-21T08:00:00+08:00",
    "ends_at": "2026-11-21T12:00:00+08:00",
}
POSTINGS: Final = {"postings": [_POSTING]}
KEPT: Final = {"added": 1, "replaced": 0, "withdrawn": 0, "unchanged": 0}
POSTING: Final = {
    "posting_id": "01a1ffad-68cf-7ed5-b35a-73f8b2e16355",
    **_POSTING,
    "township_code": "TOWN-01",
    "recorded_at": "2026-11-20T18:00:00+08:00",
    "withdrawn_at": None,
}
FIGURE: Final = {
    "team_code": "TEAM-001",
    "township_code": "TOWN-01",
    "members": 6,
    "grids": 4,
    "site_codes": ["SITE-01"],
    "sites": 1,
    "tubes": 52,
    "samples": 512,
    "first_sample_at": "2026-11-21T08:04:00+08:00",
    "last_sample_at": "2026-11-21T11:52:00+08:00",
    "faults": 2,
    "faulty_tubes": 1,
    "error_rate": 1.92,
    "flags": [],
}
NOBODY: Final = {
    **FIGURE,
    "team_code": None,
    "township_code": None,
    "members": None,
    "grids": 0,
    "site_codes": ["SITE-09"],
    "tubes": 1,
    "samples": 1,
    "first_sample_at": "2026-11-21T09:10:00+08:00",
    "last_sample_at": "2026-11-21T09:10:00+08:00",
    "faults": 0,
    "faulty_tubes": 0,
    "error_rate": 0.0,
    "flags": ["no_team"],
}
