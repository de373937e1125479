"""Which laboratory a caller is held to, where laboratories and others read the same."""

from shared.security.access import own_lab, require_whole_district
from shared.security.principal import Principal

__all__ = ["only", "own_lab"]


def only(who: Principal, *beyond: str) -> str | None:
    """Return the same where nothing is for clients of an area; Problem 403."""
    require_whole_district(who)
    return own_lab(who, *beyond)
