"""The pairs of results-ingest's laboratories: their terms, silences, loads, data and times."""

from typing import Final

from tests.system.scope.ingest_pairs import HIDDEN, LAB, refuses_or_hides
from tests.system.scope.pairs import (
    Pair,
    Pairs,
    ask,
    hides,
    listed,
    of,
    shows,
    status,
    whole_district,
)
from tests.system.scope.world import COLLECTED

DAY: Final = COLLECTED[:10]
NOBODY: Final = "01a1ffad-68cf-7ed5-b35a-73f8b2e16355"

PAIRS: Final[Pairs] = {
    ("PUT", "/v1/labs/{lab_code}/terms"): whole_district(
        of(lab_code="LAB-A"), body={"effective_from": DAY, "capacity": 7}
    ),
    ("GET", "/v1/labs/{lab_code}/terms"): (Pair(ask(of(lab_code="LAB-A")), HIDDEN, LAB, against=("lab",)),),
    ("GET", "/v1/lab-silences"): (
        Pair(ask(), refuses_or_hides("LAB-A"), LAB, shows("LAB-A"), ("area",)),
        Pair(ask(), hides("LAB-A"), LAB, shows("LAB-A"), ("lab",)),
    ),
    ("GET", "/v1/lab-loads"): (
        Pair(ask(), refuses_or_hides("LAB-A"), LAB, shows("LAB-A"), ("area",), by_row=False),
        Pair(ask(), hides("LAB-A"), LAB, shows("LAB-A"), ("lab",), by_row=False),
    ),
    ("GET", "/v1/quality"): (
        *listed("SITE-A", filters=({"day": DAY}, {"day": DAY, "lab_code": "LAB-A"})),
        *listed("LAB-A", owner=LAB, filters=({"day": DAY},), against=("lab",)),
    ),
    ("GET", "/v1/quality/faults"): (
        *listed("THING-A", filters=({"day": DAY}, {"day": DAY, "site_code": "SITE-A"})),
        *listed("TUBE-SHEET-A", owner=LAB, filters=({"day": DAY}, {"day": DAY, "lab_code": "LAB-A"})),
    ),
    ("POST", "/v1/quality/{day}/count"): whole_district(of(day=DAY)),
    ("GET", "/v1/league"): (
        Pair(ask(query={"from": DAY, "limit": "100"}), refuses_or_hides("LAB-A"), LAB, shows("LAB-A"), ("area",)),
        Pair(ask(query={"from": DAY, "limit": "100"}), hides("LAB-A"), LAB, shows("LAB-A"), ("lab",), by_row=False),
    ),
}  # fmt: skip
REPORT: Final = {
    "script": "2026-11", "run": "RUN-1", "lab_code": "LAB-A", "client_id": "sandbox", "at": COLLECTED, "passed": True,
    "cases": [{"case": "batch", "zh": "批次", "en": "batch", "passed": True, "steps": [
        {"step": 0, "expected": {"status": 202}, "got": {"status": 202}, "passed": True}]}],
}  # fmt: skip
ONBOARDING: Final[Pairs] = {
    ("POST", "/v1/conformance-reports"): (Pair(ask(body=REPORT), status(403, 404), None, by_row=False),),
    ("GET", "/v1/conformance-reports"): whole_district(refused=refuses_or_hides("RUN")),
    ("POST", "/v1/clients/{client_id}/release"): (
        Pair(ask(of(client_id="client TOWN-A"), body={"report_id": NOBODY}), status(403), None),
    ),
}
