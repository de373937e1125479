"""Why an address is refused."""

from typing import Final

from shared.errors import define

NOT_A_TOWNSHIP: Final = define(
    "not_a_known_township", 422, "该代码不是已知的镇街", "The code is no township that is known"
)
TOWNSHIP_OF_LAB: Final = define(
    "township_of_lab", 422, "检测机构不属于镇街,请勿填写", "A laboratory belongs to no township: leave it out"
)
