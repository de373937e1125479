"""Codes of published lists that say what a test, an outcome, a Ct value or an identifier is; pure.

LOINC, SNOMED CT and HL7 tables as laboratory systems send them. A laboratory's own codes go into a saved
mapping (`PUT /v1/sheets/results/mappings/{name}`) and go before these.
"""

from typing import Final

from results_ingest.sheets.columns import OUTCOMES, TEST_KINDS
from shared.sheets.words import ID_TYPES

TESTS: Final = {
    **dict.fromkeys(
        ("94500-6", "94309-2", "94531-1", "94306-8", "95406-5", "94759-8", "94845-5", "94565-9", "95608-6"),
        "pcr",
    ),
    **dict.fromkeys(("94558-4", "95209-3", "96119-3", "97097-0"), "antigen"),
    **dict.fromkeys(
        (
            "94563-4", "94564-2", "94562-6", "94547-7", "94762-2", "94769-7", "94507-1", "94508-9", "94661-6",
        ),
        "antibody",
    ),
    **TEST_KINDS,
}  # fmt: skip
"""LOINC codes of whole tests, not of one gene of them, and the words of sheets, to `test_kind`."""

OUTCOME_CODES: Final = {
    **OUTCOMES,
    "260415000": "negative", "260385009": "negative", "nd": "negative",
    "260373001": "positive", "10828004": "positive", "det": "positive",
    "419984006": "indeterminate", "42425007": "indeterminate", "82334004": "indeterminate",
    "ind": "indeterminate", "equivocal": "indeterminate",
    "455371000124106": "invalid", "125154007": "invalid",
}  # fmt: skip
"""SNOMED CT and HL7 table 0078, and the words of sheets, to `outcome`."""

CT_VALUES: Final = {
    "94644-8": "ct_orf1ab", "94511-3": "ct_orf1ab", "ct_orf1ab": "ct_orf1ab",
    "94510-5": "ct_n", "ct_n": "ct_n",
}  # fmt: skip
"""LOINC codes of cycle thresholds, to the field."""

HEALTH_CODE: Final = "health_code_id"
IDENTIFIERS: Final = {
    "hc": HEALTH_CODE, "health_code_id": HEALTH_CODE, "urn:yingjian:health-code-id": HEALTH_CODE,
    "nnchn": "resident_id", "2.16.156.10011.1.3": "resident_id", "urn:oid:2.16.156.10011.1.3": "resident_id",
    "ppn": "passport",
    **ID_TYPES, **{f"urn:yingjian:id:{kind}": kind for kind in ID_TYPES.values()},
}  # fmt: skip
"""HL7 table 0203, an OID, the systems of this project and the words of sheets, to a kind of identifier."""

MIXED_ROLES: Final = frozenset({"L", "G"})
CONTROL_ROLES: Final = frozenset("BCEFOQRV")
"""HL7 table 0369: pools and groups, and what is no patient's specimen."""
