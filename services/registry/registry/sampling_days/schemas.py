"""Wire models of sampling days."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.web.types import Day, WireModel


class SamplersIn(WireModel):
    """How many samplers an institution has from a day on."""

    samplers: Annotated[int, Field(ge=0, le=100_000)]
    effective_from: Day


class SamplersOut(BaseModel):
    """How many samplers an institution has from a day on."""

    unit_code: str
    samplers: int
    effective_from: date


class DuePerson(BaseModel):
    """Somebody to be sampled, masked; the institution, place and time are those of the unit's assignment."""

    person_id: UUID
    health_code_id: str | None
    name_masked: str
    unit_code: str
    unit_name: str
    category_code: str | None
    due_on: date
    due: Literal["on_the_day", "before", "never_tested"]
    institution_code: str | None
    institution_name: str | None
    place: str | None
    from_time: str | None


class SamplingList(BaseModel):
    """A page of a day's list."""

    on: date
    people: list[DuePerson]
    next_cursor: str | None


class SiteLoad(BaseModel):
    """What a day asks of one institution; null: units that nobody was assigned to.

    `needed_samplers`: people / SAMPLES_PER_SAMPLER_DAY, rounded up; `additional_samplers`: how many of
    them it does not have.
    """

    institution_code: str | None
    institution_name: str | None
    units: int
    people: int
    before: int
    never_tested: int
    samplers: int
    capacity: int
    used: float | None
    needed_samplers: int
    additional_samplers: int


class Workload(BaseModel):
    """Every institution with somebody due on the day, inside the caller's area."""

    on: date
    per_sampler: int
    sites: list[SiteLoad]


class WorkOrder(BaseModel):
    """Who samples a unit on a day, where and when, and how many of its people."""

    unit_code: str
    unit_name: str
    on: date
    institution_code: str | None
    institution_name: str | None
    lab_code: str | None
    place: str | None
    from_time: str | None
    people: int
    before: int
    never_tested: int
