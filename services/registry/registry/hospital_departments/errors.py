"""What can be wrong with a row of the list."""

from typing import Final

from shared.errors import define

DEPARTMENT_IN_USE: Final = define(
    "hospital_department_in_use",
    409,
    "该科室名称从这一天起已有不同的登记",
    "From this day on the name of the department stands with other content",
)
