"""Document numbers, health codes, credit codes, names and phones: pure checks and masks.

GB 11643 is checked as far as it holds for everybody: length, digits, a real birth date that is not
in the future, check digit. The area code is no reason to refuse: retired codes stay in numbers.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import phonenumbers
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

ID_TYPES: Final = ("resident_id", "passport", "hk_mo_permit", "tw_permit", "foreign_pr", "other")

# Codes of the contract (§3): of units, sites, tubes, batches, clients; in OpenAPI as the pattern.
CODE_PATTERN: Final = "^[A-Za-z0-9._-]{1,64}$"
_CODE = re.compile(CODE_PATTERN.strip("^$"), re.ASCII)
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_OTHER = re.compile(r"[A-Z0-9()/.-]{4,32}", re.ASCII)
_HEALTH_CODE = re.compile(r"[A-Za-z0-9_-]{4,64}", re.ASCII)
# Controls, bidirectional overrides, zero-width and other format characters; JSON schemas show them too.
FORBIDDEN: Final = r"\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_FORBIDDEN = re.compile(rf"[{FORBIDDEN}\ud800-\udfff]")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII)
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})", re.ASCII)


def is_code(text: str) -> bool:
    """Tell whether a text may be a code of the contract (§3)."""
    return _CODE.fullmatch(text) is not None


def normalise_id_no(id_type: str, number: str) -> str:
    """Return the form under which a number is indexed: upper case, without surrounding blanks."""
    del id_type
    return number.strip().upper()


def check_id_no(id_type: str, number: str, today: date) -> str | None:
    """Return the code of what is wrong with a normalised number, or None."""
    if id_type != "resident_id":
        return None if _OTHER.fullmatch(number) else "id_no_malformed"
    if not _RESIDENT.fullmatch(number):
        return "id_no_malformed"
    born = _date(number[6:14])
    if born is None or born > today or born.year < 1800:  # noqa: PLR2004 - no number is older
        return "id_no_birth_date"
    if ric.calc_check_digit(number) != number[-1]:
        return "id_no_checksum"
    return None


def holds_forbidden(text: str) -> bool:
    """Tell whether a text holds a character that no name and no note may hold."""
    return _FORBIDDEN.search(text) is not None


def is_resident_id(text: str) -> bool:
    """Tell whether a text is a valid identity number, in either case."""
    return check_id_no("resident_id", text.upper(), date.max) is None


def is_mobile(text: str) -> bool:
    """Tell whether a text is a mainland mobile number, with or without +86."""
    return _MOBILE.fullmatch(text) is not None


def check_health_code_id(text: str) -> str | None:
    """Return the code of what is wrong with a health-code id, or None (contract §4)."""
    if not _HEALTH_CODE.fullmatch(text):
        return "health_code_malformed"
    personal = text[0].isdigit() and (is_resident_id(text) or is_mobile(text))
    return "health_code_id_is_personal" if personal else None


def check_credit_code(text: str) -> bool:
    """Tell whether a text is a valid unified social credit code (GB 32100)."""
    if not _CREDIT_CODE.fullmatch(text):
        return False
    try:
        uscc.validate(text)
    except ValidationError:
        return False
    return True


def check_phone(text: str) -> bool:
    """Tell whether a text is a possible phone number, mainland when without a country code."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, "CN"))
    except phonenumbers.NumberParseException:
        return False


def normalise_name(name: str) -> str:
    """Return the form under which names are compared: NFKC, without blanks and middle dots, folded.

    The form of a form is itself: folding parts some letters from their marks, and a blank or dot that
    falls away brings others together, so it goes on until nothing changes (a second look in all but
    such names).
    """
    folded = _folded(name)
    while (again := _folded(folded)) != folded:
        folded = again
    return folded


def _folded(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if not c.isspace() and c not in "·•‧・.")


def mask_name(name: str) -> str:
    """Return the first character and one asterisk."""
    return f"{name[:1]}*"


def mask_phone(phone: str) -> str:
    """Return a phone with its middle hidden, as 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"  # noqa: PLR2004 - shorter ones would show whole


def mask_contact(contact: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be shown of a contact's name and phone."""
    return {"name_masked": mask_name(contact["name"]), "phone_masked": mask_phone(contact["phone"])}


def mask_id_no(number: str) -> str:
    """Return a document number with all but its ends hidden."""
    if len(number) < 8:  # noqa: PLR2004 - too short to show an end
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
