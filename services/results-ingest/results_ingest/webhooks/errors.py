"""Refusals of a laboratory's own address."""

from shared.errors import define

WEBHOOK_TARGET_REFUSED = define(
    "webhook_target_refused",
    422,
    "不能回调该地址:须为 https 地址,且主机在允许的网段内(WEBHOOK_NETWORKS)",
    "This address may not be called: https, and a host within the allowed networks (WEBHOOK_NETWORKS)",
)
BATCH_NOT_COMPLETE = define(
    "batch_not_complete",
    409,
    "该批次尚在匹配,完成后会自动回调",
    "The batch is still being matched; it will be told of when it is complete",
)
NO_WEBHOOK = define("no_webhook", 409, "尚未登记回调地址", "No address to be called is registered")
