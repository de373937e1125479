"""Refusals of the feed."""

from shared.errors import define

CURSOR_EXPIRED = define(
    "cursor_expired",
    410,
    "游标已过期,请不带游标重新全量读取并替换已有内容",
    "The cursor has expired: read again without one and replace what you have",
)
