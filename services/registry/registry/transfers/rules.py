"""What a transfer does to two stays, or why it cannot be. Pure."""

from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from registry.people.rows import Enrolment

FROM_NOWHERE: Final = "transfer_from_nowhere"
SAME_PLACE: Final = "transfer_same_place"
BEFORE_ENROLLED: Final = "transfer_before_enrolled"
AFTER_LEFT: Final = "transfer_after_left"
ALREADY_THERE: Final = "transfer_already_there"


class Refusal(NamedTuple):
    """The field that does not fit, and the code that says how."""

    field: str
    code: str


def moved(
    old: Enrolment | None, new: Enrolment | None, *, on: date, wanted: Enrolment
) -> tuple[Enrolment, Enrolment] | Refusal:
    """Return the stays as they are after the move, or what is wrong.

    `new` is a stay that stands in the place to move to; the same transfer again changes nothing.
    """
    if old is None:
        return Refusal("from", FROM_NOWHERE)
    if on < old.enrolled_on:
        return Refusal("on", BEFORE_ENROLLED)
    if old.left_on is not None and old.left_on < on:
        return Refusal("on", AFTER_LEFT)
    done = new is not None and (new.enrolled_on, new.left_on, old.left_on) == (on, None, on)
    if new is not None and new.ends_after(on) and not done:
        return Refusal("to", ALREADY_THERE)
    begun = Enrolment(
        on,
        None,
        wanted.department_in_unit,
        wanted.employment_type or old.employment_type,
        wanted.derived_from,
    )
    return replace(old, left_on=on), begun
