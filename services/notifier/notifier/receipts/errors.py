"""Refusals of a delivery receipt."""

from shared.errors import define

NOT_SIGNED = define(
    "receipt_not_signed",
    401,
    "回执签名无效、已过期,或该通道未启用回执",
    "The receipt's signature is wrong or too old, or the channel takes none",
)
RECEIPT_CHANGED = define(
    "receipt_changed",
    409,
    "该回执编号已用于内容不同的回执",
    "This receipt's id was used for a receipt that said something else",
)
NAME_ONE = define(
    "receipt_names_nothing",
    422,
    "delivery_id 与 message_id 须且只须填写一个",
    "Exactly one of delivery_id and message_id must be given",
)
