"""What people write in columns that several services read."""

from typing import Final

ID_TYPES: Final = {
    "居民身份证": "resident_id",
    "身份证": "resident_id",
    "resident_id": "resident_id",
    "护照": "passport",
    "passport": "passport",
    "港澳居民来往内地通行证": "hk_mo_permit",
    "hk_mo_permit": "hk_mo_permit",
    "台湾居民来往大陆通行证": "tw_permit",
    "tw_permit": "tw_permit",
    "外国人永久居留身份证": "foreign_pr",
    "foreign_pr": "foreign_pr",
    "其他": "other",
    "other": "other",
}
"""Document types, to the words of the contract (§4)."""
