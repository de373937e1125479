"""Made-up identifiers that pass every check and belong to nobody.

Pure: the randomness is an argument. The address code 99 was never given to a province, so no number
made here can be a real person's or a real company's.
"""

from datetime import date, timedelta
from random import Random
from typing import Final

_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def resident_id(rng: Random, *, born: date) -> str:
    """Return 18 characters after GB 11643 with a right check character (norms 2F)."""
    body = f"99{rng.randint(1, 99):02d}{rng.randint(1, 99):02d}{born:%Y%m%d}{rng.randint(0, 999):03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return body + _ID_CHECKS[total % 11]


def broken_resident_id(id_no: str) -> str:
    """Return the number with a wrong check character, as a slip of the pen makes it."""
    return id_no[:-1] + ("0" if id_no[-1] != "0" else "1")


def credit_code(rng: Random) -> str:
    """Return a unified social credit code after GB 32100 with a right check character (norms 2F)."""
    body = f"92{rng.randint(990000, 999999)}" + "".join(rng.choices(_CREDIT_ALPHABET, k=9))
    total = sum(
        _CREDIT_ALPHABET.index(letter) * weight for letter, weight in zip(body, _CREDIT_WEIGHTS, strict=True)
    )
    return body + _CREDIT_ALPHABET[(31 - total % 31) % 31]


def licence_no(rng: Random) -> str:
    """Return a business licence number of a shop that has no credit code."""
    return f"99{rng.randint(0, 10**13 - 1):013d}"


def mobile(rng: Random) -> str:
    """Return a mobile number of the range 1990 00x xxxx."""
    return f"199000{rng.randint(0, 99_999):05d}"


def health_code_id(rng: Random) -> str:
    """Return a health-code id: opaque, and no number of a person."""
    return "HC" + "".join(rng.choices(_CODE_ALPHABET, k=12))


def birth_date(rng: Random, *, today: date) -> date:
    """Return a birthday of somebody who is 18 to 68 years old."""
    return today - timedelta(days=rng.randint(18 * 366, 68 * 365))


def other_document(rng: Random) -> tuple[str, str]:
    """Return (id_type, id_no) of somebody without a resident id (contract §4)."""
    kind = rng.choice(("passport", "hk_mo_permit", "tw_permit"))
    digits = f"{rng.randint(0, 10**8 - 1):08d}"
    match kind:
        case "passport":
            return kind, f"E{digits}"
        case "hk_mo_permit":
            return kind, f"H{digits}"
        case _:
            return kind, digits
