"""The codes about laboratories."""

from shared.errors import define

LAB_NOT_REGISTERED = define(
    "lab_not_registered",
    403,
    "该检测机构未登记或已停用,不接收其批次",
    "This laboratory is not registered or not active; its batches are not taken",
)
