"""Refusals of what laboratories sent."""

from shared.errors import define

NOT_KEPT = define("not_kept", 404, "原始上报内容已过保存期", "What was sent is no longer kept")
