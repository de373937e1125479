"""Refusals of the business clock."""

from shared.errors import define

CLOCK_BACKWARDS = define(
    "clock_backwards", 409, "业务时钟不能倒退", "The business clock does not go backwards"
)
