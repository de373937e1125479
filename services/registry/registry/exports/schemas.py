"""Wire models of exports."""

from typing import Literal

from registry.people.schemas import DisclosureIn
from shared.sheets.rows import Format
from shared.web.types import Code, WireModel

ListName = Literal["departments", "units", "industry-map", "people", "overdue", "overdue-units", "ledger"]


class ExportIn(WireModel):
    """Which list, of what, and as what; `disclosure`: people's fields in clear, with a reason."""

    list: ListName
    format: Format = "xlsx"
    township_code: Code | None = None
    department_code: Code | None = None
    unit_code: Code | None = None
    disclosure: DisclosureIn | None = None
