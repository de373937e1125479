"""What plans and readiness look like on the wire."""

from typing import Annotated, Final, Literal

from pydantic import Field

from shared.web.types import Code, Day, Time, WireModel

MAX_SITES: Final = 2_000
MAX_EXPECTED: Final = 1_000_000
Readiness = Literal["ready", "ready_late", "waiting", "late"]


class SitePlanIn(WireModel):
    """How many a site is to sample."""

    site_code: Code
    expected: Annotated[int, Field(ge=0, le=MAX_EXPECTED)]


class IntakePlanIn(WireModel):
    """What sites are to sample on a day, of a round or beside any; the newest plan of a site holds."""

    day: Day
    round_code: Code | None = None
    sites: Annotated[list[SitePlanIn], Field(min_length=1, max_length=MAX_SITES)]


class ReadinessIn(WireModel):
    """A site of a round is set up and staffed."""

    ready_at: Time
    staff: Annotated[int, Field(ge=1, le=1000)]


PLAN: Final = {
    "day": "2026-11-21",
    "round_code": "2026-R1",
    "sites": [{"site_code": "SITE-01", "expected": 800}],
}
READY: Final = {"ready_at": "2026-11-21T11:20:00+08:00", "staff": 6}
COUNT: Final = {
    "site_code": "SITE-01",
    "round_code": "2026-R1",
    "planned": 800,
    "total": 800,
    "tubes": 52,
    "sampled": 512,
    "remaining": 288,
    "negative": 300,
    "pending": 211,
    "not_negative": 1,
}
ROUND: Final = {
    "round_code": "2026-R1",
    "title": "城关镇第一轮全员检测",
    "drill": False,
    "state": "active",
    "township_code": "TOWN-01",
    "starts_at": "2026-11-21T08:00:00+08:00",
    "deadline_at": "2026-11-22T08:00:00+08:00",
    "activated_at": "2026-11-21T08:00:00+08:00",
    "setup_due_at": "2026-11-21T12:00:00+08:00",
    "ended_at": None,
    "grids": 12,
    "expected": 3600,
}
VISIBLE: Final = {"sampled": 512, "resulted": 301, "matched": 300, "visible": 280, "gap": 232}
GRID: Final = {
    "grid_code": "420100001001001",
    "township_code": "TOWN-01",
    "lab_code": "LAB01",
    "expected": 300,
    "residents": 290,
    "sampled": 120,
    "resulted": 80,
    "missing": 170,
    "counted_at": "2026-11-21T12:00:00+08:00",
}
SITE: Final = {
    "site_code": "SITE-01",
    "township_code": "TOWN-01",
    "readiness": "ready",
    "setup_due_at": "2026-11-21T12:00:00+08:00",
    "ready_at": "2026-11-21T11:20:00+08:00",
    "staff": 6,
}
