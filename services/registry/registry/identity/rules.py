"""What a client may be, and what it may ask for. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

LIMITED_LEVELS = frozenset({"township", "department"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client is about to be; `area_level` is None while `area_code` names nothing known."""

    scopes: frozenset[str]
    lab_code: str | None = None
    area_code: str | None = None
    area_level: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A field that cannot stand as it is, and the code that says why."""

    field: str
    code: str


def check_terms(terms: Terms, *, known_scopes: Collection[str]) -> list[Finding]:
    """Return what is wrong with a client (contract §2: labs have a lab, responders an area)."""
    found = []
    if not terms.scopes:
        found.append(Finding("scopes", "too_short"))
    if not terms.scopes <= set(known_scopes):
        found.append(Finding("scopes", "scope_unknown"))
    if "results:write" in terms.scopes and terms.lab_code is None:
        found.append(Finding("lab_code", "lab_code_required"))
    if "cases:respond" in terms.scopes and terms.area_code is None:
        found.append(Finding("area_code", "area_code_required"))
    if terms.area_code is not None and terms.area_level is None:
        found.append(Finding("area_code", "area_unknown"))
    return found


def check_maker(terms: Terms, *, maker_area: str | None, maker_level: str | None) -> list[Finding]:
    """Return what a limited administrator may not grant: other areas, no area, or a laboratory."""
    if maker_level not in LIMITED_LEVELS:
        return []
    found = []
    if terms.area_code != maker_area:
        found.append(Finding("area_code", "area_outside"))
    if terms.lab_code is not None:
        found.append(Finding("lab_code", "area_outside"))
    return found


def granted_scopes(held: Iterable[str], *, requested: str | None) -> frozenset[str] | None:
    """Return the scopes of a token: all held, or the requested part; None if more is asked for.

    An empty request means all, as Swagger UI sends it. `admin` includes every scope.
    """
    owned = frozenset(held)
    wanted = frozenset((requested or "").split())
    if not wanted:
        return owned
    return wanted if wanted <= owned or "admin" in owned else None
