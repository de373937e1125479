"""Every kind of sheet that registry takes in; a slice adds the `KIND` of its own here."""

from typing import Final

from registry.departments.sheet import KIND as DEPARTMENTS
from registry.divisions.sheet import KIND as GRIDS
from registry.licences.sheet import KIND as LICENCES
from registry.people.roster_sheet import KIND as ROSTERS
from registry.people.sheet import KIND as PEOPLE
from registry.surveys.sheet import KIND as SURVEYS
from registry.units.sheet import KIND as UNITS
from shared.sheets.kinds import Kind

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind for kind in (DEPARTMENTS, UNITS, PEOPLE, ROSTERS, LICENCES, SURVEYS, GRIDS)
}
