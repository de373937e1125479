"""The codes of packets and of the steps they take."""

from typing import Final

from shared.errors import Message, define

PACKET_CODE_IN_USE: Final = define(
    "packet_code_in_use",
    409,
    "该封包编码已用于其他内容",
    "This packet code stands for other content",
)
PACKET_STATE: Final = define(
    "packet_state", 409, "封包当前状态不能进行该操作", "The packet's state does not allow this step"
)
COUNTS_DIFFER: Final = define(
    "packet_counts_differ",
    409,
    "样本数、纸质登记数、电子登记数不一致,或有缺管、多管未说明,不能办结",
    "The counts of samples, paper form and electronic form differ, or missing or extra tubes are "
    "unexplained: the packet cannot be closed",
)
TUBE_REPEATED: Final = define(
    "tube_repeated", 422, "同一采样管在清单中重复", "The same tube is twice in the list"
)
TUBE_IN_OTHER_PACKET: Final = define(
    "tube_in_other_packet",
    422,
    "该采样管已在另一封包中",
    "This tube lies in another packet",
)
TUBE_NOT_LISTED: Final = define(
    "tube_not_listed", 422, "该采样管不在封包清单中", "This tube is not in the packet's list"
)
SITE_UNKNOWN: Final = define("site_unknown", 422, "采样点尚未登记", "The sampling site is not registered")
LAB_UNKNOWN: Final = define(
    "lab_unknown", 422, "检测机构尚未登记或已停用", "The laboratory is not registered, or not active"
)
SEALED_EARLY: Final = define(
    "sealed_before_collected",
    422,
    "封包时间早于清单中采样管的采样时间",
    "Sealed before a tube of the list was collected",
)
STEP_EARLY: Final = define(
    "step_before_earlier",
    422,
    "时间早于该封包的前一环节",
    "The time lies before an earlier step of the packet",
)
STEP_LATE: Final = define(
    "step_after_later",
    422,
    "时间晚于该封包的后一环节",
    "The time lies after a later step of the packet",
)

OWN: Final[dict[str, Message]] = {
    m.code: m
    for m in (
        PACKET_CODE_IN_USE, TUBE_REPEATED, TUBE_IN_OTHER_PACKET, TUBE_NOT_LISTED, SITE_UNKNOWN, LAB_UNKNOWN,
        SEALED_EARLY, STEP_EARLY, STEP_LATE,
    )
}  # fmt: skip
"""Refusals that are the answer's own code, not only one of its errors."""
