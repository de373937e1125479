"""Refusals of somebody's own address."""

from typing import Final

from shared.errors import define

WEBHOOK_TARGET_REFUSED: Final = define(
    "webhook_target_refused",
    422,
    "不能回调该地址:须为 https 地址,且主机在允许的网段内(WEBHOOK_NETWORKS)",
    "This address may not be called: https, and a host within the allowed networks (WEBHOOK_NETWORKS)",
)
