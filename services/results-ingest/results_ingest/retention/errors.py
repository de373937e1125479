"""Refusals of legal holds."""

from shared.errors import define

HOLD_IN_USE = define(
    "hold_in_use",
    409,
    "该保全编号已用于其他内容或已解除",
    "This code stands for another hold, or a released one",
)
HOLD_RELEASED = define("hold_released", 409, "该保全已解除", "This hold was released already")
