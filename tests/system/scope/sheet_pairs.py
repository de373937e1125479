"""The pairs of sheets taken in and out."""

from typing import Final

import httpx

from tests.system.scope.pairs import (
    Pair,
    Pairs,
    Request,
    ask,
    hides,
    listed,
    of,
    shared,
    shows,
    status,
)
from tests.system.scope.world import DISTRICT, World, area_of

HIDDEN: Final = status(404)
A_TOWN: Final = area_of("A", "TOWN")
A_UNITS: Final = ("UNIT-A1", "UNIT-A2")


async def fresh_mapping(world: World) -> Request:
    """Ask for a column mapping of A's, made for this."""
    client, path = await world.client("registry", A_TOWN), {"kind": "units", "name": "MAPPING-A9"}
    saved = await client.put("/v1/sheets/units/mappings/MAPPING-A9", json={"columns": {"单位": "name"}})
    assert saved.is_success, saved.text
    return Request(path)


async def sheet_of_departments(_: World) -> Request:
    """Send departments, which belong to the whole district."""
    rows = "部门代码,部门名称,级别,联系人,联系电话\nDEPT-C,新局,主管部门,甲,13600001111\n"
    return Request(query={"kind": "departments"}, content=rows, headers={"Content-Type": "text/csv"})


def taken_out(name: str, *marks: str) -> Pair:
    """Return the pair of a list that is taken out as a sheet."""
    hidden = hides(*marks)

    def refused(world: World, answer: httpx.Response) -> bool:
        # Who may ask for some lists and not for this one is refused.
        return answer.status_code == httpx.codes.FORBIDDEN or hidden(world, answer)

    return Pair(ask(body={"list": name, "format": "csv"}), refused, A_TOWN, shows(*marks))


IMPORT: Final = of(import_id="import A")
PAIRS: Final[Pairs] = {
    ("POST", "/v1/imports"): (Pair(sheet_of_departments, status(403), DISTRICT),),
    ("GET", "/v1/imports"): listed("import A"),
    ("GET", "/v1/imports/{import_id}"): (Pair(ask(IMPORT), HIDDEN),),
    ("GET", "/v1/imports/{import_id}/errors"): (Pair(ask(IMPORT), HIDDEN, A_TOWN, shows("repeated_in_sheet")),),
    ("GET", "/v1/imports/{import_id}/sheet"): (Pair(ask(IMPORT), HIDDEN, A_TOWN, shows("UNIT-A1")),),
    ("GET", "/v1/imports/{import_id}/absent"): (Pair(ask(IMPORT), HIDDEN),),
    ("GET", "/v1/sheets"): shared(),
    ("GET", "/v1/sheets/{kind}/template"): shared(of(kind="people")),
    ("GET", "/v1/sheets/{kind}/mappings"): listed("MAPPING-A", path=of(kind="people")),
    ("PUT", "/v1/sheets/{kind}/mappings/{name}"): shared(
        of(kind="people", name="MAPPING-C"), body={"columns": {"员工": "name"}}
    ),
    ("DELETE", "/v1/sheets/{kind}/mappings/{name}"): (Pair(fresh_mapping, HIDDEN),),
    ("GET", "/v1/exports"): shared(),
    ("POST", "/v1/exports"): (
        taken_out("departments", "\nTOWN-A,"),
        taken_out("units", *A_UNITS),
        taken_out("people", "HC-A-0000", "HC-A-0001"),
        taken_out("ledger", "HC-A-0000", "HC-A-0001"),
        taken_out("overdue", "HC-A-0001"),
        taken_out("overdue-units", *A_UNITS),
    ),
}  # fmt: skip
