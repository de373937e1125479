"""What can be wrong with a row about a resident."""

from typing import Final

from registry.residents import rules
from shared.errors import define

RESIDENT_IDENTIFIER: Final = define(
    "resident_identifier",
    422,
    "每行须给出 health_code_id,或 id_type 与 id_no,二者择一",
    "Each row names a person by health_code_id, or by id_type and id_no",
)
RESIDENCE_BEFORE_LAST: Final = define(
    rules.MOVED_BEFORE,
    422,
    "迁入日期早于当前居住记录的开始日期",
    "The move lies before the first day of where the person lives now",
)
NOT_A_RESIDENT: Final = define(
    rules.NOWHERE, 422, "该人员没有居住记录可结束", "The person lives in no grid; there is nothing to end"
)
