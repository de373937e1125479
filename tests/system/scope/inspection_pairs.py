"""The pairs of inspections, problems, draws and the issue ledger."""

from typing import Final

from tests.system.scope.inspections import INSPECTOR, STEP, inspection
from tests.system.scope.pairs import (
    Pair,
    Pairs,
    ask,
    continued,
    hides,
    listed,
    of,
    shared,
    shows,
    status,
    whole_district,
)
from tests.system.scope.world import DISTRICT, area_of

HIDDEN: Final = status(404)
A_TOWN: Final = area_of("A", "TOWN")
KIND: Final = {"name_zh": "其他", "name_en": "Other", "severity": "ordinary", "days": 7}
DRAW: Final = {
    "draw_no": "DRAW-9", "kind": "unannounced", "target_type": "lab", "target_codes": ["LAB-A"], "targets": 1,
}  # fmt: skip
CHECKLIST: Final = {
    "checklist_code": "NEW", "effective_from": "2030-04-01", "name_zh": "新", "name_en": "New",
    "items": [{"item": "N-1", "section": "一", "text_zh": "一", "text_en": "One", "kind_code": "OTHER"}],
}  # fmt: skip


OF_A: Final = ("UNIT-A1", "UNIT-A2", "problem A1", "problem A2")
VISITS: Final = ("inspection A1", "inspection A2", "UNIT-A1")
PROBLEM_A: Final = of(problem_id="problem A1")
DRAWN: Final = of(draw_no="DRAW-1")

PAIRS: Final[Pairs] = {
    ("GET", "/v1/problem-kinds"): shared(),
    ("PUT", "/v1/problem-kinds/{kind_code}"): whole_district(of(kind_code="OTHER"), body=KIND),
    ("GET", "/v1/checklists"): shared(),
    ("POST", "/v1/checklists"): whole_district(body=CHECKLIST),
    ("GET", "/v1/inspectors"): whole_district(),
    ("PUT", "/v1/inspectors/{inspector_code}"): whole_district(of(inspector_code="INS-1"), body=INSPECTOR),
    ("POST", "/v1/inspection-draws"): whole_district(body=DRAW),
    ("GET", "/v1/inspection-draws/{draw_no}"): whole_district(DRAWN),
    ("POST", "/v1/inspection-draws/{draw_no}/publication"): whole_district(DRAWN),
    # What was drawn belongs to no area: it is read beside the second wall, by the area in the query.
    ("GET", "/v1/published-inspections"): (
        Pair(ask(query={"limit": "100"}), hides("UNIT-A1"), A_TOWN, shows("UNIT-A1"), by_row=False),
    ),
    ("POST", "/v1/inspections"): (Pair(ask(body=inspection("VISIT-A9", "UNIT-A1")), HIDDEN),),
    ("GET", "/v1/inspections"): (
        *listed(*VISITS, filters=({}, {"target_code": "UNIT-A1"}, {"draw_no": "DRAW-1"})),
        continued("notifier /v1/inspections", *VISITS),
    ),
    ("GET", "/v1/inspections/{inspection_id}"): (
        Pair(ask(of(inspection_id="inspection A1")), HIDDEN),
    ),
    ("GET", "/v1/lab-supervision"): (
        Pair(ask(), hides("LAB-A"), DISTRICT, shows("LAB-A"), by_row=False),
    ),
    ("GET", "/v1/problems"): (
        *listed(*OF_A, filters=({}, {"target_code": "UNIT-A1"}, {"listed": "true"}, {"kind_code": "OTHER"})),
        continued("notifier /v1/problems", *OF_A),
    ),
    ("GET", "/v1/problems/{problem_id}"): (Pair(ask(PROBLEM_A), HIDDEN),),
    ("POST", "/v1/problems/{problem_id}/steps"): (Pair(ask(PROBLEM_A, body=STEP), HIDDEN),),
    ("GET", "/v1/rectification-report"): (Pair(ask(), hides(*OF_A), A_TOWN, shows(*OF_A)),),
    ("GET", "/v1/issue-ledger"): (
        *listed(*OF_A), continued("notifier /v1/issue-ledger", *OF_A),
    ),
}  # fmt: skip
