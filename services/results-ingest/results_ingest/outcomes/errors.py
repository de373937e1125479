"""What the codes of accepted rows mean, for the laboratory that sent them."""

from collections.abc import Mapping
from typing import Final

from shared.errors import Message, define

ACCEPTED: Final[Mapping[str, Message]] = {
    message.code: message
    for message in (
        define(
            "tube_not_bound",
            422,
            "采样管尚未登记,登记后自动匹配",
            "The tube is not registered yet; it will match by itself",
        ),
        define(
            "person_unknown",
            422,
            "尚无此人登记,登记后自动匹配",
            "Nobody knows this person yet; it will match by itself",
        ),
        define(
            "identifiers_contradict",
            422,
            "标识互相矛盾,待人裁定",
            "The identifiers contradict each other: a person decides",
        ),
        define(
            "name_mismatch",
            422,
            "姓名与登记不符,待人裁定",
            "The name differs from the registered one: a person decides",
        ),
        define(
            "mode_mismatch",
            422,
            "采集类型与采样管登记不符,待人裁定",
            "The mode differs from the tube's: a person decides",
        ),
        define(
            "tube_code_reused",
            422,
            "管码已换用于另一管,待人裁定",
            "The code now stands for another tube: a person decides",
        ),
        define(
            "second_lab",
            422,
            "该管已有另一机构的结果,待人裁定",
            "Another laboratory has a result: a person decides",
        ),
        define(
            "unexpected_lab",
            422,
            "该管原定送往另一机构,已接收",
            "The tube was meant for another laboratory; taken",
        ),
        define(
            "stamps_reversed", 422, "检测时间早于采样时间,已接收", "Tested before it was collected; taken"
        ),
        define("rejected", 422, "经人裁定不生效", "A person decided that it has no effect"),
    )
}
