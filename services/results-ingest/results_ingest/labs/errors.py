"""The codes about laboratories."""

from shared.errors import define

LAB_NOT_REGISTERED = define(
    "lab_not_registered",
    403,
    "该检测机构未登记或已停用,不接收其批次",
    "This laboratory is not registered or not active; its batches are not taken",
)
LAB_OUTSIDE_PERIOD = define(
    "lab_outside_period",
    403,
    "外区检测机构不在启用期内,不接收其批次",
    "This laboratory of another district is not enabled today; its batches are not taken",
)
