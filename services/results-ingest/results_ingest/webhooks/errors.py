"""Refusals of a laboratory's own address."""

from shared.errors import define

BATCH_NOT_COMPLETE = define(
    "batch_not_complete",
    409,
    "该批次尚在匹配,完成后会自动回调",
    "The batch is still being matched; it will be told of when it is complete",
)
NO_WEBHOOK = define("no_webhook", 409, "尚未登记回调地址", "No address to be called is registered")
