"""Invented businesses: rows of the bureau's list and of a survey."""

from typing import Any, Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(number: int) -> str:
    """Return the valid credit code of the n-th business (GB 32100)."""
    head = f"92110105MA{number:07d}"
    total = sum(ALPHABET.index(each) * pow(3, place, 31) for place, each in enumerate(head))
    return head + ALPHABET[-total % 31]


def licence(number: int, **fields: Any) -> dict[str, Any]:
    """Return the n-th row of the bureau's list."""
    return {
        "licence_no": f"JY2420102{number:07d}",
        "credit_code": credit_code(number),
        "name": f"第{number:04d}号餐厅",
        "address": f"长城路{number}号",
        "trade_code": "CATERING",
        "township_code": "TOWN-01",
        **fields,
    }


def place(number: int, **fields: Any) -> dict[str, Any]:
    """Return the n-th business as a sweep finds it."""
    return {**licence(number), "found": "open", "surveyed_on": "2030-11-12", **fields}
