"""What can be wrong with a draw."""

from typing import Final

from shared.errors import define

NO_SHARE_RULE: Final = define(
    "no_share_rule",
    422,
    "该单位该类别当周没有抽检率规则",
    "No share rule of this category holds there in that week",
)
NOBODY_TO_DRAW: Final = define("nobody_to_draw", 422, "没有可抽取的人员", "There is nobody to draw from")
DRAWN_ALREADY: Final = define(
    "drawn_already", 409, "该周已经抽取,种子不同", "This week has been drawn already, with another seed"
)
