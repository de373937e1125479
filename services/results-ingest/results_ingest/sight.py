"""Which laboratory a caller is held to, where laboratories and others read the same."""

from shared.errors import FORBIDDEN, Problem
from shared.security.access import require_whole_district
from shared.security.principal import Principal


def own_lab(who: Principal, *beyond: str) -> str | None:
    """Return the one laboratory that the caller sees, None with any scope of `beyond`; Problem 403."""
    if who.holds(*beyond):
        return None
    if who.lab_code is None:
        raise Problem(FORBIDDEN)
    return who.lab_code


def only(who: Principal, *beyond: str) -> str | None:
    """Return the same where nothing is for clients of an area; Problem 403."""
    require_whole_district(who)
    return own_lab(who, *beyond)
