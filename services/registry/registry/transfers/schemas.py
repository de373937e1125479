"""Wire models of transfers."""

from typing import Annotated

from pydantic import Field

from shared.web.types import Code, Day, ShortText, WireModel


class PlaceFrom(WireModel):
    """Where the person is enrolled."""

    unit_code: Code | None = None
    category_code: Code | None = None


class PlaceTo(WireModel):
    """Where the person goes; without `employment_type` it stays as it is."""

    unit_code: Code | None = None
    category_code: Code | None = None
    department_in_unit: Annotated[ShortText, Field(max_length=100)] | None = None
    employment_type: Annotated[ShortText, Field(max_length=100)] | None = None


class TransferIn(WireModel):
    """A move; the day is the first in the new place and no longer one in the old."""

    from_: Annotated[PlaceFrom, Field(alias="from")]
    to: PlaceTo
    on: Day
