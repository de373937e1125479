"""Wire models of draws."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from shared.web.types import Code, Day, ShortText, WireModel


class DrawIn(WireModel):
    """Whom to draw for the week that `on` lies in; without a seed one is made and told."""

    unit_code: Code
    category_code: Code
    department_in_unit: ShortText | None = None
    on: Day
    seed: ShortText | None = None


class DrawnPerson(BaseModel):
    """Somebody who is to be sampled this week."""

    place: int
    person_id: UUID
    health_code_id: str | None
    name_masked: str
    last_sampled_on: date | None


class DrawOut(BaseModel):
    """A draw; `repeated`: drawing again from the same people by the same seed gives the same order."""

    draw_id: UUID
    unit_code: str
    category_code: str
    department_in_unit: str | None
    week: date
    seed: str
    percent: int
    rule_id: int
    candidates: int
    drawn: list[DrawnPerson]
    repeated: bool
    created_at: datetime
